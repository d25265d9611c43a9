// A simulated CUDA device for tests: the CPU's arithmetic behind CUDA's device rules.
//
// A libtorch built without CUDA has nothing registered for its dispatch key CUDA. This library registers devices of host memory
// there, hands every operator on their tensors to the CPU's kernel, and refuses and counts what a GPU would refuse and wait for.
// It shows on which device tensors are made, which operators are called and what is read back; nothing about speed or a GPU's
// rounding.
//
// Functions return 0, or 1 with the reason in sc_error().
#pragma once
#include <cstdint>

#define SC_API extern "C" __attribute__((visibility("default")))

// What all devices did since the start of the process.
struct sc_counters {
    int64_t launches; // operators that computed on a device; a GPU may need more than one kernel for one of them
    int64_t reads;    // device to host, each of which waits for all that is queued
    int64_t writes;   // host to device
    int64_t waits;    // synchronize
};

// Makes so many devices, once in a process and before anything asked torch for CUDA. Fails in a libtorch that has CUDA.
SC_API int sc_install(int devices);
SC_API void sc_read_counters(sc_counters* counters);
// The memory of each device, what one holds now, and the most that it held since its peak was last reset.
SC_API int64_t sc_capacity();
SC_API void sc_set_capacity(int64_t bytes);
SC_API int64_t sc_held(int device);
SC_API int64_t sc_peak(int device);
SC_API void sc_reset_peak(int device);
SC_API const char* sc_error();

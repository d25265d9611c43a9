// What the two halves share: the devices' memory and counters (devices.cpp), the operators on them (operators.cpp).
#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <c10/core/Allocator.h>
#include <c10/core/Storage.h>

#include <atomic>

namespace simulated {

struct Counters {
    std::atomic<int64_t> launches{0}, reads{0}, writes{0}, waits{0};
};

extern Counters counters;

// Devices' own: guards, hooks, generators.
void install_devices(int devices);
// Their operators.
void install_operators();

c10::Allocator* allocator_of(c10::Device device);
c10::Device current_device();
const at::Generator& generator_of(c10::DeviceIndex device);

// The memory of a CPU result, from now on a device's, whose capacity it counts against.
c10::DataPtr take_over(const c10::Storage& storage, c10::Device device);

} // namespace simulated

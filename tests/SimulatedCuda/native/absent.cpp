// In place of the simulated device where it cannot be: says so.
#include "simulated_cuda.h"

int sc_install(int) { return 1; }
void sc_read_counters(sc_counters* counters) { *counters = {}; }
int64_t sc_capacity() { return 0; }
void sc_set_capacity(int64_t) {}
int64_t sc_held(int) { return 0; }
int64_t sc_peak(int) { return 0; }
void sc_reset_peak(int) {}
const char* sc_error() { return "the simulated CUDA device is for libtorch 1.13, or 2.6 and newer, without CUDA"; }

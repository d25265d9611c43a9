// Lifetime, facts and data of tensors.
#include "common.h"

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

namespace torchalign {

namespace {
thread_local std::string last_error;
std::atomic<int64_t> live{0};
std::atomic<int64_t> peak{0};
std::atomic<bool> exiting{false};

// Destroyed before libtorch's own statics, since this library was loaded after it.
struct AtExit {
    ~AtExit() { exiting = true; }
} at_exit;
} // namespace

void wait_if_exiting() {
    while (exiting.load(std::memory_order_relaxed)) std::this_thread::sleep_for(std::chrono::hours(1));
}

void set_error(const char* message) { last_error = message; }

void* give(at::Tensor tensor) {
    if (!tensor.defined()) return nullptr;
    const int64_t now = live.fetch_add(1, std::memory_order_relaxed) + 1;
    int64_t seen = peak.load(std::memory_order_relaxed);
    while (now > seen && !peak.compare_exchange_weak(seen, now, std::memory_order_relaxed)) {
    }
    return tensor.unsafeReleaseTensorImpl();
}

} // namespace torchalign

using namespace torchalign;

const char* ta_last_error() { return last_error.c_str(); }

void ta_free(void* tensor) {
    // At exit a finaliser that still runs must not free into allocators that are going away.
    if (tensor == nullptr || exiting) return;
    live.fetch_sub(1, std::memory_order_relaxed);
    TensorPtr::reclaim(static_cast<c10::TensorImpl*>(tensor)).reset();
}

int64_t ta_live() { return live.load(std::memory_order_relaxed); }
int64_t ta_peak() { return peak.load(std::memory_order_relaxed); }
int ta_dtype(void* tensor) { return static_cast<int>(c10::typeMetaToScalarType(impl(tensor).dtype())); }
int64_t ta_dim(void* tensor) { return impl(tensor).dim(); }
int64_t ta_numel(void* tensor) { return impl(tensor).numel(); }
int64_t ta_element_size(void* tensor) { return static_cast<int64_t>(impl(tensor).dtype().itemsize()); }
int64_t ta_storage_offset(void* tensor) { return impl(tensor).storage_offset(); }

int64_t ta_device(void* tensor) {
    const c10::Device device = impl(tensor).device();
    return static_cast<int64_t>(device.type()) | (static_cast<int64_t>(device.index()) << 32);
}

void ta_sizes(void* tensor, int64_t* sizes) {
    for (const int64_t size : impl(tensor).sizes()) *sizes++ = size;
}

int ta_strides(void* tensor, int64_t* strides) {
    return guarded([&] {
        for (const int64_t stride : impl(tensor).strides()) *strides++ = stride;
    });
}

int ta_is_contiguous(void* tensor) { return impl(tensor).is_contiguous() ? 1 : 0; }

int ta_data(void* tensor, void** data) {
    return guarded([&] { *data = borrow(tensor).data_ptr(); });
}

// What the files of the native half share: references across the border, and errors as text.
#pragma once
#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include <exception>
#include <vector>

#include "torchalign_native.h"

namespace torchalign {

void set_error(const char* message);

// Once the process exits libtorch takes its operators down. A background thread that still computes then would fail with
// nonsense, or crash; it is kept waiting for the end instead.
void wait_if_exiting();

// Runs `body`; an exception becomes the thread's error text and the result 1.
template <typename Body>
int guarded(Body&& body) noexcept {
    wait_if_exiting();
    try {
        body();
        return 0;
    } catch (const c10::Error& e) {
        set_error(e.what_without_backtrace());
    } catch (const std::exception& e) {
        set_error(e.what());
    } catch (...) {
        set_error("unknown C++ exception");
    }
    wait_if_exiting();
    return 1;
}

using TensorPtr = c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>;

// A new reference to a tensor that C# goes on owning.
inline at::Tensor borrow(void* tensor) {
    if (tensor == nullptr) return at::Tensor();
    return at::Tensor(TensorPtr::reclaim_copy(static_cast<c10::TensorImpl*>(tensor)));
}

// Hands a reference to C#, and counts it.
void* give(at::Tensor tensor);

inline std::vector<at::Tensor> borrow_all(void** tensors, int n) {
    std::vector<at::Tensor> all;
    all.reserve(static_cast<size_t>(n));
    for (int i = 0; i < n; i++) all.push_back(borrow(tensors[i]));
    return all;
}

inline c10::TensorImpl& impl(void* tensor) { return *static_cast<c10::TensorImpl*>(tensor); }

} // namespace torchalign

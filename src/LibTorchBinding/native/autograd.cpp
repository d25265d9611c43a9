// Gradients, grad mode, random numbers, devices and the build's facts.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/cuda.h>

#include <mutex>

#include "common.h"

using namespace torchalign;

int ta_is_leaf(void* tensor) { return borrow(tensor).is_leaf() ? 1 : 0; }
int ta_requires_grad(void* tensor) { return impl(tensor).requires_grad() ? 1 : 0; }

int ta_set_requires_grad(void* tensor, int on) {
    return guarded([&] {
        // A tensor with a history goes on requiring grad; Python refuses to try, C++ and TorchSharp do not.
        borrow(tensor).set_requires_grad(on != 0);
    });
}

int ta_grad_of(void* tensor, void** grad) {
    return guarded([&] { *grad = give(borrow(tensor).grad()); });
}

int ta_set_grad_of(void* tensor, void* grad) {
    return guarded([&] { borrow(tensor).mutable_grad() = borrow(grad); });
}

int ta_retain_grad(void* tensor) {
    return guarded([&] { borrow(tensor).retain_grad(); });
}

int ta_backward(void** tensors, int n, void** grads, int ngrads, int retain, int create, void** inputs, int nin) {
    return guarded([&] {
        torch::autograd::backward(borrow_all(tensors, n), borrow_all(grads, ngrads), retain != 0, create != 0,
                                  borrow_all(inputs, nin));
    });
}

int ta_grad(void** outputs, int nout, void** inputs, int nin, void** grads, int ngrads, int retain, int create,
            int allow_unused, void** results) {
    return guarded([&] {
        auto all = torch::autograd::grad(borrow_all(outputs, nout), borrow_all(inputs, nin), borrow_all(grads, ngrads),
                                         retain != 0, create != 0, allow_unused != 0);
        for (auto& one : all) *results++ = give(std::move(one));
    });
}

int ta_grad_mode() { return c10::GradMode::is_enabled() ? 1 : 0; }
void ta_set_grad_mode(int on) { c10::GradMode::set_enabled(on != 0); }

namespace {

using GeneratorPtr = c10::intrusive_ptr<c10::GeneratorImpl>;

at::Generator generator_of(void* generator) {
    return at::Generator(GeneratorPtr::reclaim_copy(static_cast<c10::GeneratorImpl*>(generator)));
}

void* give_generator(const at::Generator& generator) { return at::Generator(generator).unsafeReleaseGeneratorImpl(); }

} // namespace

int ta_manual_seed(int64_t seed, void** generator) {
    return guarded([&] {
        at::manual_seed(static_cast<uint64_t>(seed));
        *generator = give_generator(at::detail::getDefaultCPUGenerator());
    });
}

int ta_default_generator(void** generator) {
    return guarded([&] { *generator = give_generator(at::detail::getDefaultCPUGenerator()); });
}

int ta_new_generator(int64_t seed, void** generator) {
    return guarded([&] { *generator = give_generator(at::detail::createCPUGenerator(static_cast<uint64_t>(seed))); });
}

int ta_seed_generator(void* generator, int64_t seed) {
    return guarded([&] {
        at::Generator g = generator_of(generator);
        const std::lock_guard<std::mutex> lock(g.mutex());
        g.set_current_seed(static_cast<uint64_t>(seed));
    });
}

int ta_reseed_generator(void* generator, int64_t* seed) {
    return guarded([&] {
        at::Generator g = generator_of(generator);
        const std::lock_guard<std::mutex> lock(g.mutex());
        *seed = static_cast<int64_t>(g.seed());
    });
}

int64_t ta_generator_seed(void* generator) { return static_cast<int64_t>(generator_of(generator).current_seed()); }

void ta_free_generator(void* generator) {
    if (generator != nullptr) GeneratorPtr::reclaim(static_cast<c10::GeneratorImpl*>(generator)).reset();
}

int ta_cuda_devices() {
    int devices = 0;
    guarded([&] { devices = static_cast<int>(torch::cuda::device_count()); });
    return devices;
}

int ta_cuda_synchronize(int64_t index) {
    return guarded([&] { torch::cuda::synchronize(index); });
}

int ta_allow_tf32() {
    int on = 0;
    guarded([&] { on = at::globalContext().allowTF32CuBLAS() ? 1 : 0; });
    return on;
}

int ta_set_allow_tf32(int on) {
    return guarded([&] { at::globalContext().setAllowTF32CuBLAS(on != 0); });
}

int ta_num_threads() { return at::get_num_threads(); }

int ta_set_num_threads(int threads) {
    return guarded([&] { at::set_num_threads(threads); });
}

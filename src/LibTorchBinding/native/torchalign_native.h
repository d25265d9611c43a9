// The C ABI between LibTorchBinding's C# and libtorch.
//
// A tensor crosses as a TensorImpl* that owns one reference (0: the undefined tensor). Every call that can fail returns
// 0 on success and 1 on failure; ta_last_error then holds the message of this thread.
#pragma once
#include <cstdint>

#define TA_API extern "C" __attribute__((visibility("default")))

// One argument or result of an operator. `bits` is the value, or the address of `count` values.
struct ta_value {
    int32_t tag;
    int32_t count;
    int64_t bits;
};

enum ta_tag : int32_t {
    TA_NONE = 0,
    TA_TENSOR = 1,           // bits: TensorImpl*
    TA_DOUBLE = 2,           // bits: the double's bits
    TA_INT = 3,              // also dtype, layout, memory format
    TA_BOOL = 4,
    TA_INTS = 5,             // bits: int64_t[count]
    TA_DEVICE = 6,           // bits: type | (index << 32)
    TA_TENSORS = 7,          // bits: TensorImpl*[count]
    TA_OPTIONAL_TENSORS = 8, // likewise; 0 is none
    TA_STRING = 9,           // bits: UTF-8 bytes[count]
    TA_GENERATOR = 10,       // bits: GeneratorImpl*
};

// Operators, called through the dispatcher with a boxed stack.
TA_API void* ta_operator(const char* name, const char* overload);
TA_API int ta_call(const void* op, const ta_value* args, int nargs, ta_value* results, int nresults);

// Tensors: lifetime and facts.
TA_API const char* ta_last_error();
TA_API void ta_free(void* tensor);
TA_API int64_t ta_live();
TA_API int64_t ta_peak();
TA_API int ta_dtype(void* tensor);
TA_API int64_t ta_dim(void* tensor);
TA_API int64_t ta_numel(void* tensor);
TA_API int64_t ta_element_size(void* tensor);
TA_API int64_t ta_storage_offset(void* tensor);
TA_API int64_t ta_device(void* tensor); // type | (index << 32)
TA_API void ta_sizes(void* tensor, int64_t* sizes);
TA_API int ta_strides(void* tensor, int64_t* strides);
TA_API int ta_is_contiguous(void* tensor);
TA_API int ta_data(void* tensor, void** data);

// Autograd.
TA_API int ta_is_leaf(void* tensor);
TA_API int ta_requires_grad(void* tensor);
TA_API int ta_set_requires_grad(void* tensor, int on);
TA_API int ta_grad_of(void* tensor, void** grad);
TA_API int ta_set_grad_of(void* tensor, void* grad);
TA_API int ta_retain_grad(void* tensor);
TA_API int ta_backward(void** tensors, int n, void** grads, int ngrads, int retain, int create, void** inputs, int nin);
TA_API int ta_grad(void** outputs, int nout, void** inputs, int nin, void** grads, int ngrads, int retain, int create,
                   int allow_unused, void** results);
TA_API int ta_grad_mode();
TA_API void ta_set_grad_mode(int on);

// Random numbers, devices, build.
TA_API int ta_manual_seed(int64_t seed, void** generator);
TA_API int ta_default_generator(void** generator);
TA_API int ta_new_generator(int64_t seed, void** generator);
TA_API int ta_seed_generator(void* generator, int64_t seed);
TA_API int ta_reseed_generator(void* generator, int64_t* seed);
TA_API int64_t ta_generator_seed(void* generator);
TA_API void ta_free_generator(void* generator);
TA_API int ta_cuda_devices();
TA_API int ta_cuda_synchronize(int64_t index);
TA_API int ta_allow_tf32();
TA_API int ta_set_allow_tf32(int on);
TA_API int ta_num_threads();
TA_API int ta_set_num_threads(int threads);

# Finds libtorch for whoever includes this, after project(); add_libtorch_library(NAME SOURCES...) then builds against it.
#
#   TORCHALIGN_LIBTORCH   a PyTorch wheel's `torch` folder or an unpacked LibTorch zip; empty: the system's libtorch-dev
#
# libtorch is found by hand and not by find_package(Torch): the config of a CUDA build insists on a CUDA toolkit, and
# that of a wheel on the machine it was built on. Include folder, libraries, ABI flag and C++ standard are all we need.
set(TORCHALIGN_LIBTORCH "" CACHE PATH "Folder of a libtorch (with include/, lib/ and share/cmake/Torch)")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

set(remedy "Install one (Debian: apt-get install libtorch-dev cmake g++), name one in TORCHALIGN_LIBTORCH, or build with -p:TorchSharpSource=package.")
if(TORCHALIGN_LIBTORCH)
  set(search PATHS "${TORCHALIGN_LIBTORCH}" "${TORCHALIGN_LIBTORCH}/torch" NO_DEFAULT_PATH)
  set(search_config ${search})
else()
  set(search "")
  set(search_config PATHS /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/cmake/Torch /usr/lib/cmake/Torch)
endif()
find_path(TORCH_INCLUDE torch/csrc/autograd/autograd.h PATH_SUFFIXES include ${search})
find_library(TORCH_CPU torch_cpu PATH_SUFFIXES lib ${search})
find_library(C10 c10 PATH_SUFFIXES lib ${search})
find_library(TORCH torch PATH_SUFFIXES lib ${search})
find_library(TORCH_CUDA torch_cuda PATH_SUFFIXES lib ${search})
find_file(TORCH_CONFIG TorchConfig.cmake PATH_SUFFIXES share/cmake/Torch ${search_config})
if(NOT TORCH_INCLUDE OR NOT TORCH_CPU OR NOT C10)
  message(FATAL_ERROR "No libtorch in '${TORCHALIGN_LIBTORCH}' (empty: the system's folders). ${remedy}")
endif()

# The ABI of std::string is a property of that build; a wrong guess shows only as unresolved symbols.
if(TORCH_CONFIG)
  file(STRINGS "${TORCH_CONFIG}" abi REGEX "_GLIBCXX_USE_CXX11_ABI=[01]")
  string(REGEX MATCH "_GLIBCXX_USE_CXX11_ABI=[01]" abi "${abi}")
endif()

# "#error C++NN or later compatible compiler is required to use ATen." names the standard the headers need.
set(standard 17)
file(STRINGS "${TORCH_INCLUDE}/ATen/ATen.h" needs REGEX "C\\+\\+[0-9]+ or later")
if(needs MATCHES "C\\+\\+([0-9]+) or later" AND CMAKE_MATCH_1 GREATER standard)
  set(standard ${CMAKE_MATCH_1})
endif()
message(STATUS "libtorch: ${TORCH_CPU}, C++${standard}, ${abi}")

function(add_libtorch_library name)
  add_library(${name} SHARED ${ARGN})
  set_target_properties(${name} PROPERTIES
    CXX_STANDARD ${standard} CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}"
    BUILD_RPATH_USE_ORIGIN OFF)
  target_compile_options(${name} PRIVATE -Wall -Wextra -O2 -g0)
  target_include_directories(${name} SYSTEM PRIVATE "${TORCH_INCLUDE}" "${TORCH_INCLUDE}/torch/csrc/api/include")
  if(abi)
    target_compile_definitions(${name} PRIVATE ${abi})
  endif()

  # torch and torch_cuda only register their kernels; --no-as-needed keeps them although we call nothing in them. What
  # they need in turn (cuDNN, cuBLAS, ...) is found at run time through their own run paths.
  target_link_options(${name} PRIVATE -Wl,--no-as-needed -Wl,--unresolved-symbols=ignore-in-shared-libs)
  target_link_libraries(${name} PRIVATE ${TORCH_CPU} ${C10})
  if(TORCH)
    target_link_libraries(${name} PRIVATE ${TORCH})
  endif()
  if(TORCH_CUDA)
    target_link_libraries(${name} PRIVATE ${TORCH_CUDA})
  endif()
endfunction()

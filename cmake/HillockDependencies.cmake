# Everything that Hillock takes from Debian, found once.

# Debian's MLIR 22 rejects "22" as a version (its version file wants
# major.minor), and finds LLVM itself.
set(MLIR_DIR /usr/lib/llvm-22/lib/cmake/mlir CACHE PATH "MLIR's CMake files")
find_package(MLIR 22.1 REQUIRED CONFIG)
list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)

find_package(Protobuf REQUIRED)
find_package(HDF5 REQUIRED COMPONENTS C)
find_package(ZLIB REQUIRED)
find_package(Threads REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(GTest REQUIRED)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
# Optional: without it `hillock run --ranks` says so.
option(HILLOCK_MPI "Use MPI for run --ranks when it is there" ON)
if(HILLOCK_MPI)
  find_package(MPI QUIET COMPONENTS C)
endif()
if(HILLOCK_BENCHMARKS)
  find_package(benchmark REQUIRED)
endif()

# One interface target carries what every source of ours is built with.
# MLIR's headers and what TableGen makes are SYSTEM, so that our own warnings
# can be strict.
add_library(hillock_settings INTERFACE)
target_include_directories(hillock_settings INTERFACE ${CMAKE_SOURCE_DIR})
target_include_directories(hillock_settings SYSTEM INTERFACE
  ${CMAKE_BINARY_DIR} ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
separate_arguments(HILLOCK_LLVM_DEFINITIONS NATIVE_COMMAND "${LLVM_DEFINITIONS}")
target_compile_options(hillock_settings INTERFACE
  ${HILLOCK_LLVM_DEFINITIONS} -Wall -Wextra -Wpedantic -Wshadow
  -Wno-unused-parameter -Wno-deprecated-declarations -ffp-contract=off
  $<$<BOOL:${HILLOCK_WERROR}>:-Werror>)
target_link_libraries(hillock_settings INTERFACE Threads::Threads)
if(HILLOCK_SANITIZE)
  list(JOIN HILLOCK_SANITIZE "," HILLOCK_SANITIZE_LIST)
  # Clang's check of indirect calls reads a signature in front of the function,
  # which machine code made at run time does not have (and may lie at the begin
  # of a mapping, where there is nothing in front).
  target_compile_options(hillock_settings INTERFACE
    -fsanitize=${HILLOCK_SANITIZE_LIST} -fno-omit-frame-pointer
    -fno-sanitize-recover=all
    $<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=function>)
  target_link_options(hillock_settings INTERFACE
    -fsanitize=${HILLOCK_SANITIZE_LIST})
  target_compile_definitions(hillock_settings INTERFACE HILLOCK_SANITIZED=1)
endif()

//===- backends/int4/Native.h - Integer networks as objects -----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From an integer network to machine code for a triple: an object file, a
// static library and a C header. The code allocates nothing, calls nothing
// (at most memcpy), keeps its state in an arena that the caller gives, and has
// its weights in read-only data, two 4-bit codes a byte.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_INT4_NATIVE_H
#define HILLOCK_BACKENDS_INT4_NATIVE_H

#include "backends/int4/Kernel.h"
#include "base/Error.h"
#include "compiler/ann/IntNetwork.h"
#include <memory>

namespace hillock::int4 {

struct NativeOptions {
  /// An LLVM triple; empty: this machine's.
  std::string triple;
  /// An LLVM processor name; empty: "generic", or with an empty triple that
  /// of this machine.
  std::string cpu;
  /// LLVM features ("+dotprod,-avx512f"), added to those of the processor.
  std::string features;
  /// Of all symbols and macros: a C identifier.
  std::string prefix = "net";
  ZeroSkipping zeros = ZeroSkipping::WhereFaster;
};

struct NativeCode {
  std::string object;  ///< an ELF object
  std::string archive; ///< a static library with that object
  std::string header;  ///< C99, and C++
  uint64_t arenaBytes = 0;
  uint64_t codeBytes = 0;   ///< of .text
  uint64_t rodataBytes = 0; ///< weights, biases, multipliers, constants
  /// Of the deepest calls. On top of it a processor that is interrupted needs
  /// what its handlers need.
  uint64_t stackBytes = 0;
  uint64_t inputBytes = 0, outputBytes = 0; ///< of the caller's buffers
  /// How sums are made: "vnni512", "smlad", "scalar", ... (docs/targets).
  std::string kernel;

  uint64_t flashBytes() const { return codeBytes + rodataBytes; }
  /// All of it: arena, stack, and the caller's input and output.
  uint64_t ramBytes() const {
    return arenaBytes + stackBytes + inputBytes + outputBytes;
  }
  std::string ir; ///< the LLVM IR before optimization
};

/// Errors: unknown processors, and weights or values that do not fit bytes;
/// they name \p where.
Expected<NativeCode> emitNative(const ann::IntNetwork &network,
                                const NativeOptions &options,
                                const std::string &where);

/// The same machine code in this process.
class NativeRunner {
public:
  static Expected<std::unique_ptr<NativeRunner>>
  create(const ann::IntNetwork &network, const NativeOptions &options,
         const std::string &where);
  virtual ~NativeRunner() = default;

  /// \p input and \p output are codes in row-major order, as many as the
  /// network's values have elements; \p arena has arenaBytes() bytes and is
  /// aligned to 64. Several threads may run at once, each with its own arena.
  virtual void run(const int8_t *input, int32_t *output, void *arena) const = 0;
  virtual const NativeCode &code() const = 0;
};

} // namespace hillock::int4

#endif // HILLOCK_BACKENDS_INT4_NATIVE_H

//===- tools/hillock/AnnLevel.h - A network that runs -----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A network without neurons at one of its levels: real numbers, integers, or
// machine code for this processor. What run, eval, diff and inspect share.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_ANNLEVEL_H
#define HILLOCK_TOOLS_HILLOCK_ANNLEVEL_H

#include "backends/int4/Native.h"
#include "compiler/ann/RealEval.h"
#include "tools/hillock/AnnOptions.h"

namespace hillock::tool {

/// "real", "integer", "native".
std::vector<std::string> annLevelNames();
/// Whether a level (empty: none given) is that of a network without neurons,
/// and does not need a weight format first.
bool asksForNumbers(const std::string &level);
/// What verbs say when a network with neurons is to be native.
Error nativeNeedsAnn();

/// How a network is to be opened.
struct AnnOpening {
  std::string path;
  std::string target; ///< a weight format, or what is none
  std::string level;  ///< of annLevelNames(); empty: what file and target say
  uint64_t seed = 1;  ///< of calibration
  unsigned threads = 0;
};

struct AnnExecutable {
  AnnModel model;
  bool integers = false;                      ///< else real numbers
  std::unique_ptr<int4::NativeRunner> native; ///< null: no machine code

  const char *level() const;
  /// "integers", "machine code", "real numbers".
  const char *words() const;
  const ann::Shape &outputShape() const;
};

/// Calibrates a real network that is wanted in integers.
Expected<AnnExecutable> openAnnLevel(const AnnOpening &opening,
                                     const AnnSettings &settings);
/// The same of a file that is open already, quantized or not.
Expected<AnnExecutable> openAnnLevel(const AnnOpening &opening,
                                     const AnnSettings &settings,
                                     AnnModel model);

/// Runs samples one after the other; one object for each thread. The network
/// must outlive it.
class AnnRunner {
public:
  explicit AnnRunner(const AnnExecutable &network);

  /// Numbers, or below the real level codes; valid until the next call.
  const std::vector<double> &run(const std::vector<float> &input);
  /// What the last output decides: the first of its largest elements; a network
  /// that ends in ArgMax says the class itself.
  int64_t decision() const;
  const std::vector<double> &last() const { return output; }
  /// Values of the last run; null at other levels.
  const ann::IntRunner *codes() const {
    return integers ? &*integers : nullptr;
  }
  const ann::RealRunner *numbers() const { return real ? &*real : nullptr; }

private:
  void runNative(const std::vector<float> &input);

  const AnnExecutable &network;
  std::optional<ann::IntRunner> integers;
  std::optional<ann::RealRunner> real;
  std::vector<double> output;
  // Of machine code
  std::vector<int8_t> inputCodes;
  std::vector<int32_t> outputCodes;
  std::vector<char> memory;
};

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_ANNLEVEL_H

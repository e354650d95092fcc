//===- compiler/ann/Calibrate.h - From samples to a plan --------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Quantization after training, from unlabelled samples: ranges of values, then
// layer by layer the codes of weights, each fitted to what the layers before it
// really give. Same samples and seed, same plan, on any number of threads.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_ANN_CALIBRATE_H
#define HILLOCK_COMPILER_ANN_CALIBRATE_H

#include "compiler/ann/Plan.h"
#include "compiler/ann/Prune.h"
#include "compiler/ann/Ranges.h"
#include <functional>
#include <map>

namespace hillock::ann {

struct CalibrationOptions {
  WeightFormat weights;
  /// Other formats for some layers, by name.
  std::map<std::string, WeightFormat> layerWeights;
  unsigned activationBits = 4;
  /// 0: activationBits, or those of the codes that the file gives its input.
  unsigned inputBits = 0;
  /// The input's range; not given: as seen in the samples.
  std::optional<std::pair<double, double>> inputRange;
  RangeMethod range = RangeMethod::Mse;
  bool learnRounding = true;
  bool correctBias = true;
  /// The smallest weights become zero; with \p fitPruned what is left is fitted
  /// to the outputs that the network had with all of them.
  std::optional<PruneOptions> prune;
  bool fitPruned = true;
  uint64_t seed = 1; ///< of the positions that are looked at
  unsigned threads = 0;
  std::function<void()> progress; ///< after each of progressSteps()
};

/// What quantization did to a layer with weights.
struct LayerLoss {
  size_t layer = 0;
  std::string name;
  std::string format;
  uint64_t weights = 0, zeros = 0; ///< zeros among the weights
  uint64_t bytes = 0;              ///< as weightBytes()
  bool skipsZeros = false;         ///< how the weights are stored
  /// Power of the error over the power of the signal at the layer's output
  /// (before rounding to codes), with what came before it quantized too.
  double error = 0;
};

struct Calibration {
  Plan plan;
  IntNetwork network;
  std::vector<LayerLoss> losses;
};

/// Calls of CalibrationOptions::progress.
uint64_t progressSteps(const Network &network);

/// \p network must have passed check() and withoutDecision(); \p samples have
/// the elements of its input. Errors: no samples, samples that are not finite,
/// and what lower() refuses; they name \p where.
Expected<Calibration> calibrate(const Network &network,
                                const std::vector<std::vector<float>> &samples,
                                const CalibrationOptions &options,
                                const std::string &where);

} // namespace hillock::ann

#endif // HILLOCK_COMPILER_ANN_CALIBRATE_H

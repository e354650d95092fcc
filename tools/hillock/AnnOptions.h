//===- tools/hillock/AnnOptions.h - Networks without neurons ----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What compile and eval share for feed-forward networks: how they are opened,
// calibrated, and fed.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_ANNOPTIONS_H
#define HILLOCK_TOOLS_HILLOCK_ANNOPTIONS_H

#include "compiler/ann/Calibrate.h"
#include "compiler/ann/Mixed.h"
#include "tools/hillock/Output.h"
#include <CLI/CLI.hpp>
#include <memory>

namespace hillock::tool {

/// As given on the command line.
struct AnnSettings {
  std::string calibration; ///< path; empty: none given
  int64_t calibrationFirst = 0, calibrationSamples = 500;
  unsigned activationBits = 0; ///< 0: 8 for int8, else 4
  unsigned inputBits = 0;      ///< 0: as the file says, or activationBits
  std::string inputRange;      ///< "LOW:HIGH"
  std::string range = "mse", rounding = "learned";
  bool noBiasCorrection = false, affineWeights = false, perTensor = false;
  uint64_t budgetBytes = 0;  ///< 0: no mixed precision
  std::vector<double> prune; ///< percentages; empty: nothing is pruned
  std::string pruneScope = "layer";
  std::vector<std::string> noise, occlude;
  int64_t saliency = 0; ///< samples whose decision is explained
  std::string saliencyPatch = "1x1";
  std::string triple, cpu, features, prefix = "net"; ///< of native code
  std::string skipZeros = "faster"; ///< where machine code leaves zeros out
};
using AnnOptions = std::shared_ptr<AnnSettings>;

/// What a verb does with such a network. Compile adds where native code is to
/// run, Evaluate what is done to inputs.
enum class AnnUse { Open, Compile, Evaluate };
AnnOptions declareAnnOptions(CLI::App *verb, AnnUse use);

/// True for .onnx files, and for .mlir and .mlirbc files with an ann.network. A
/// .nir file without neurons can also be a network of spikes (a linear readout
/// on a chip): it goes this way when \p target is a weight format, or when
/// \p numbers says that what is asked for are numbers, not spikes.
bool isAnnModel(const std::string &path, const std::string &target,
                bool numbers);

/// A file's network: real, or what is left of it after quantization.
struct AnnModel {
  std::string path;
  std::optional<ann::Network> real;
  std::optional<ann::IntNetwork> integers;
  /// False for files of the integer level: what a code between layers stands
  /// for is not in them.
  bool innerScales = true;
  std::vector<std::string> remarks;
  /// Filled by quantizeAnn().
  std::optional<ann::Plan> plan;
  std::vector<ann::LayerLoss> losses;
  std::optional<ann::Mixture> mixture;
  uint64_t calibrationSamples = 0;
  double calibrationSeconds = 0;

  const ann::Shape &inputShape() const;
  std::optional<ann::Quantization> givenInput() const;
};

Expected<AnnModel> openAnn(const std::string &path);

/// Fills model.integers (and the plan) of a real network. \p target is a weight
/// format; \p seed that of calibration.
Error quantizeAnn(AnnModel &model, const std::string &target,
                  const AnnSettings &settings, uint64_t seed, unsigned threads);

/// Prunes a network that stays in real numbers, when settings say so.
Error pruneAnn(AnnModel &model, const AnnSettings &settings);

/// One line a layer with weights: format, bytes, error.
void describeAnn(const AnnModel &model, Output &out);

struct AnnData {
  std::vector<std::vector<float>> samples;
  std::vector<int64_t> labels; ///< empty: none
};

/// Reads arrays and images (runtime/stream/ReadData.h), each sample one input
/// of \p shape, and folders of raw int8 files with a y_labels.csv (file,
/// classes, label), the form of MLPerf Tiny, whose bytes are codes of the
/// quantization that the network gives its input. \p count 0: all.
Expected<AnnData> loadAnnData(const std::string &path, const ann::Shape &shape,
                              const std::optional<ann::Quantization> &given,
                              int64_t first, int64_t count);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_ANNOPTIONS_H

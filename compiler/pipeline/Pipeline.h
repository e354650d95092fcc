//===- compiler/pipeline/Pipeline.h - Named phases --------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A compilation is four phases; each leaves something that can be saved, read
// back and executed:
//
//   snn         the network, real numbers      snn dialect
//   quantized   the network, integers          snn dialect
//   mapped      cores and their tables         neurocore dialect
//   image       memory words                   .hlk
//
// A target with a crossbar has one level between the network and the image, of
// the crossbar dialect; it is what quantized and mapped leave.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_PIPELINE_PIPELINE_H
#define HILLOCK_COMPILER_PIPELINE_PIPELINE_H

#include "base/Error.h"
#include "compiler/ann/IntNetwork.h"
#include "compiler/frontend/Frontend.h"
#include "compiler/transform/loihi/Passes.h"
#include "dialects/crossbar/Crossbar.h"
#include "dialects/neurocore/NeuroCore.h"
#include "dialects/snn/Snn.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "proto/image.pb.h"
#include "target/TargetModel.h"
#include <functional>
#include <memory>
#include <optional>

namespace hillock::pipeline {

enum class Phase { Snn, Quantized, Mapped, Image };

struct PhaseInfo {
  Phase phase;
  const char *name;
  const char *summary;
};
/// In order.
const std::vector<PhaseInfo> &phases();
Expected<Phase> parsePhase(const std::string &name);

struct Options {
  frontend::Options frontend;
  transform::QuantizeOptions quantize;
  std::string target = "loihi"; ///< a name or a path
  std::string weights;          ///< "int4", ...; empty: as the target likes it
  /// A network of integers in place of a file: it has no real level, and
  /// becomes spikes that carry values (compiler/convert). Must outlive the run.
  const ann::IntNetwork *integers = nullptr;
  bool rateCode = false; ///< of integers: many plain spikes, not graded ones
  uint64_t seed = 0;
  /// Neurons on a core, fewer than the target has; 0: as many as fit.
  uint32_t neuronsPerCore = 0;
  /// First phase to run: the input file is what the phase before it left.
  Phase from = Phase::Snn;
  Phase to = Phase::Image;
  std::string saveTemps;   ///< a folder; empty: none
  bool keepLevels = false; ///< keep earlier levels for verification
  /// Called before each phase: its name.
  std::function<void(const char *)> progress;
};

/// What a phase took.
struct PhaseTime {
  std::string name;
  double seconds = 0;
};

/// What the real values at the inputs of a network or system of graded spikes
/// are as payloads (image/InputCodes.h); nothing where inputs are spikes.
std::optional<proto::InputCodes> codesOf(mlir::Operation *level);

/// A compilation and all that it left behind.
class Compilation {
public:
  /// Runs the phases. MLIR diagnostics of the run are part of the error.
  static Expected<std::unique_ptr<Compilation>> run(const std::string &input,
                                                    const Options &options);

  const target::TargetModel &target() const { return model; }
  /// Null where the level was not made or not kept (Options::keepLevels).
  snn::NetworkOp real() const { return realNetwork; }
  snn::NetworkOp integer() const { return integerNetwork; }
  neurocore::SystemOp system() const { return systemOp; }
  /// On targets with a crossbar it takes the place of integer() and system().
  crossbar::ChipOp crossbar() const { return crossbarChip; }
  /// Empty before the image phase.
  const proto::Image &image() const { return imageProto; }
  mlir::ModuleOp module() { return *owned; }

  const std::vector<std::array<std::string, 3>> &conventions() const {
    return conventionRows;
  }
  const std::vector<std::string> &remarks() const { return remarkList; }
  const std::vector<PhaseTime> &times() const { return phaseTimes; }
  /// The level that a phase left, as text (.mlir) or bytecode (.mlirbc).
  Error writeLevel(Phase phase, const std::string &path);
  /// Inverse of the mapping: every synapse recovered from the image's words
  /// equals the integer network's. Needs integer() and image().
  Error checkImage();

private:
  Compilation();
  Error runPhases(const std::string &input, const Options &options);
  Error runPhase(Phase phase, const std::string &input, const Options &options);
  Expected<transform::QuantizeOptions> quantizeOptions(const Options &options);
  Error lowerToCrossbar(const Options &options);
  Error convertIntegers(const std::string &input, const Options &options);
  Error readPhase(const std::string &input, const Options &options);
  Error save(Phase phase, const Options &options);
  std::string notes() const;

  std::unique_ptr<mlir::MLIRContext> context;
  mlir::OwningOpRef<mlir::ModuleOp> owned;
  target::TargetModel model;
  snn::NetworkOp realNetwork, integerNetwork;
  neurocore::SystemOp systemOp;
  crossbar::ChipOp crossbarChip;
  proto::Image imageProto;
  std::vector<std::array<std::string, 3>> conventionRows;
  std::vector<std::string> remarkList;
  std::vector<PhaseTime> phaseTimes;
};

} // namespace hillock::pipeline

#endif // HILLOCK_COMPILER_PIPELINE_PIPELINE_H

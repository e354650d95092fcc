//===- tools/hillock/Model.h - A file that can be executed ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An image, or a model at one of the levels it passes through on its way to an
// image. All give their results in the same form and in the network's time.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_MODEL_H
#define HILLOCK_TOOLS_HILLOCK_MODEL_H

#include "runtime/session/Session.h"
#include "tools/hillock/CompileOptions.h"
#include "tools/hillock/DataOptions.h"
#include <array>
#include <functional>
#include <optional>

namespace hillock::pipeline {
class Compilation;
} // namespace hillock::pipeline

namespace hillock::tool {

enum class Level { Chip, Cores, Integer, Real };
const char *levelName(Level level);
/// Of "chip", "cores", "integer", "real".
Level parseLevel(const std::string &name);
std::vector<std::string> levelNames();

/// A state of some neurons of a population: "NAME", "NAME:STATE", with a
/// range "NAME[3]" or "NAME[3-9]". Without a state: the membrane.
struct ProbeRequest {
  std::string text, population, state;
  int64_t first = 0, last = -1; ///< last -1: all
};
Expected<ProbeRequest> parseProbe(const std::string &text);

struct ProbeTrace {
  std::string name, population, state;
  std::vector<int64_t> neurons;
  std::vector<std::vector<double>> values; ///< by step, then neuron
};

struct LevelOptions {
  int64_t steps = 0; ///< 0: those of the longest stimulus
  bool populations = false;
  std::vector<ProbeRequest> probes;
  /// Called when steps of a chip are done: how many so far, of how many.
  std::function<void(int64_t done, int64_t all)> progress;
  /// What else there is to a run of a chip: checkpoints, stop conditions.
  std::function<void(runtime::RunOptions &)> onChip;
};

/// What a chip with a crossbar took, over one or more samples.
struct CrossbarCostSum {
  uint64_t cycles = 0, clearCycles = 0, programCycles = 0;
  uint64_t neuronEvents = 0, virtualEvents = 0, sops = 0;
  uint64_t spikes = 0, lost = 0;
  double milliseconds = 0, nanojoules = 0, megahertz = 0;
  bool sameChip = true; ///< the energy is of this chip
  /// Sums but for what is the same for all samples.
  void add(const CrossbarCostSum &other);
};

struct LevelResult {
  int64_t steps = 0, chipSteps = 0;
  std::vector<runtime::SpikeTrain> outputs, populations;
  std::vector<ProbeTrace> probes;
  uint64_t inputSpikes = 0;
  /// Of the chip level alone.
  std::vector<emu::CoreCounters> cores;
  std::string stopped; ///< the stop condition that held, or empty
  /// Of a chip with a crossbar alone.
  std::optional<CrossbarCostSum> crossbar;

  const runtime::SpikeTrain *population(const std::string &name) const;
};

/// Runs samples one after the other; one for each thread.
class Runner {
public:
  virtual ~Runner() = default;
  /// An input that \p stimuli do not name is silent.
  virtual Expected<LevelResult> run(const Stimuli &stimuli,
                                    const LevelOptions &options) = 0;
};

class Model {
public:
  virtual ~Model() = default;

  std::string path;
  Level level = Level::Chip;
  std::string network; ///< its name
  std::vector<Port> inputs;
  std::vector<std::array<std::string, 3>> conventions;
  std::vector<std::string> remarks;

  /// Null below the chip level.
  virtual std::shared_ptr<const image::LoadedImage> image() const {
    return nullptr;
  }
  /// The image of a chip with a crossbar, which has no cores; else null.
  virtual std::shared_ptr<const image::LoadedImage> crossbarImage() const {
    return nullptr;
  }
  virtual Expected<std::unique_ptr<Runner>> runner(unsigned threads) = 0;
  /// Of the chip level: on an emulator of image() that the caller has made.
  virtual Expected<std::unique_ptr<Runner>>
  runnerOn(std::unique_ptr<emu::Emulator> emulator);
};

/// True for what must be compiled before the chip can run it.
bool isModelFile(const std::string &path);

/// Opens an image or a model. \p level: empty for the file's own (an image: the
/// chip; a model: real numbers).
Expected<std::unique_ptr<Model>> openModel(const std::string &path,
                                           std::optional<Level> level,
                                           const CompileOptions &options);
Expected<std::unique_ptr<Model>> openImage(const std::string &path);
/// Without ever holding it whole. \p orWhole: what cannot be streamed is loaded
/// as a whole after all, where a message can be so long.
Expected<std::unique_ptr<Model>> openStreamed(const std::string &path,
                                              bool orWhole);
/// An error unless \p level, of an image, is the chip or not said.
Error checkImageLevel(const std::string &path, std::optional<Level> level);
/// A loaded image; \p path is for messages.
std::unique_ptr<Model>
imageModel(std::shared_ptr<const image::LoadedImage> image, std::string path);
/// A level of a compilation that was run with keepLevels; null when it has
/// none.
std::unique_ptr<Model>
levelModel(std::shared_ptr<pipeline::Compilation> compilation, Level level,
           std::string path);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_MODEL_H

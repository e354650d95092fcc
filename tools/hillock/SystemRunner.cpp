//===- tools/hillock/SystemRunner.cpp -------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/SystemRunner.h"
#include "compiler/pipeline/Pipeline.h"
#include "compiler/reference/Programs.h"
#include "dialects/neurocore/Values.h"
#include "tools/hillock/StimulusFrame.h"
#include "llvm/ADT/DenseMap.h"
#include <algorithm>

namespace hillock::tool {

std::vector<Port> systemInputs(neurocore::SystemOp system) {
  std::vector<Port> ports;
  for (auto input : system.getBody().front().getOps<neurocore::InputOp>())
    ports.push_back({input.getName().str(), input.getShape().vec()});
  return ports;
}

namespace {

class SystemFrame final : public StimulusFrame {
public:
  Expected<Signal> input(mlir::Operation *op) override {
    auto port = llvm::cast<neurocore::InputOp>(op);
    return eventsOf(port.getName(), port.getShape());
  }

  void record(mlir::Operation *op, const Signal &signal) override {
    const auto found = targets.find(op);
    if (found == targets.end())
      return;
    const Target &target = found->second;
    if (now < target.lag || now - target.lag >= limit)
      return;
    for (size_t n = 0; n < signal.size(); ++n)
      if (signal[n] != 0)
        target.train->events.push_back(
            {static_cast<uint32_t>(now - target.lag), static_cast<uint32_t>(n),
             static_cast<float>(signal[n] / target.scale)});
  }

  Expected<ProgramRunner *> program(mlir::Operation *op,
                                    llvm::StringRef name) override {
    return programs.find(op, name);
  }

  /// Where what an op records goes, how late it is, and in which unit.
  struct Target {
    runtime::SpikeTrain *train = nullptr;
    int64_t lag = 0;
    double scale = 1;
  };
  llvm::DenseMap<mlir::Operation *, Target> targets; ///< never iterated

private:
  reference::Programs programs;
};

class SystemRunner : public Runner {
public:
  explicit SystemRunner(neurocore::SystemOp system) : system(system) {}

  Expected<LevelResult> run(const Stimuli &stimuli,
                            const LevelOptions &options) override {
    if (!options.probes.empty())
      return makeError(ErrorKind::Usage, "the level of cores has no probes",
                       "--probe", "probe the integer level or the chip");
    LevelResult result;
    result.steps = options.steps;
    for (const auto &[name, stimulus] : stimuli) {
      if (!options.steps)
        result.steps = std::max(result.steps, stimulus.steps);
      result.inputSpikes += stimulus.events.size();
    }
    const int64_t lag = prepare(result);
    frame.limit = result.steps;
    frame.stimuli = &stimuli;
    frame.codes = pipeline::codesOf(system);
    frame.resetStates();
    result.chipSteps = result.steps + lag;
    for (frame.now = 0; frame.now < result.chipSteps; ++frame.now)
      if (Error error = system.evaluate(frame))
        return std::move(error);
    if (options.populations)
      fillReadouts(result);
    else
      result.populations.clear();
    return result;
  }

private:
  template <typename Op> std::vector<Op> all() const {
    std::vector<Op> ops;
    for (auto op : system.getBody().front().template getOps<Op>())
      ops.push_back(op);
    return ops;
  }
  std::vector<neurocore::PopulationOp> layers() const {
    std::vector<neurocore::PopulationOp> ops = all<neurocore::PopulationOp>();
    std::erase_if(ops, [](auto op) { return op.getIsInput(); });
    return ops;
  }

  /// Makes a train for each output and population; the largest lag.
  int64_t prepare(LevelResult &result) {
    int64_t lag = 0;
    const auto outputs = all<neurocore::OutputOp>();
    const auto populations = layers();
    result.outputs.reserve(outputs.size()); // they are pointed at
    result.populations.reserve(populations.size());
    for (auto op : outputs) {
      result.outputs.push_back({op.getName().str(),
                                op.getShape().vec(),
                                result.steps,
                                {},
                                op.getState().has_value()});
      const double scale = op.getState() ? op.getScale().convertToDouble() : 1;
      frame.targets[op] = {&result.outputs.back(),
                           static_cast<int64_t>(op.getLag()), scale};
      lag = std::max<int64_t>(lag, op.getLag());
    }
    for (auto op : populations) {
      result.populations.push_back(
          {op.getName().str(), op.getShape().vec(), result.steps, {}});
      frame.targets[op] = {&result.populations.back(),
                           static_cast<int64_t>(op.getLag()), 1};
      lag = std::max<int64_t>(lag, op.getLag());
    }
    return lag;
  }

  /// A population that an output reads has no spikes to show, but its values.
  void fillReadouts(LevelResult &result) const {
    const auto place = [](auto op) {
      return std::tuple(
          neurocore::numbers<uint32_t>(op.getChip()).front(),
          neurocore::numbers<uint32_t>(op.getCore()).front(),
          neurocore::numbers<uint16_t>(op.getCompartment()).front());
    };
    auto outputs = all<neurocore::OutputOp>();
    auto populations = layers();
    for (size_t o = 0; o < outputs.size(); ++o)
      for (size_t p = 0; p < populations.size(); ++p)
        if (outputs[o].getState() &&
            place(outputs[o]) == place(populations[p])) {
          result.populations[p].events = result.outputs[o].events;
          result.populations[p].graded = true;
        }
  }

  mutable neurocore::SystemOp system;
  SystemFrame frame;
};

} // namespace

std::unique_ptr<Runner> systemRunner(neurocore::SystemOp system) {
  return std::make_unique<SystemRunner>(system);
}

} // namespace hillock::tool

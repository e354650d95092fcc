//===- tools/hillock/SystemRunner.cpp -------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/SystemRunner.h"
#include "compiler/reference/Programs.h"
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

/// Stimuli come from outside, spikes go into trains; there are no SSA values.
class SystemFrame final : public Frame {
public:
  int64_t step() const override { return now; }
  const Signal &get(mlir::Value) override { return nothing; }
  void set(mlir::Value, Signal) override {}

  Expected<Signal> input(mlir::Operation *op) override {
    auto port = llvm::cast<neurocore::InputOp>(op);
    int64_t neurons = 1;
    for (int64_t size : port.getShape())
      neurons *= size;
    Signal signal(static_cast<size_t>(neurons));
    const auto found = stimuli->find(port.getName().str());
    if (found != stimuli->end() && now < limit)
      for (const runtime::Event &event : found->second.eventsAt(now))
        signal[event.neuron] = event.value;
    return signal;
  }

  void record(mlir::Operation *op, const Signal &signal) override {
    const auto found = targets.find(op);
    if (found == targets.end())
      return;
    const auto [train, lag] = found->second;
    if (now < lag || now - lag >= limit)
      return;
    for (size_t n = 0; n < signal.size(); ++n)
      if (signal[n] != 0)
        train->events.push_back({static_cast<uint32_t>(now - lag),
                                 static_cast<uint32_t>(n),
                                 static_cast<float>(signal[n])});
  }

  Expected<ProgramRunner *> program(mlir::Operation *op,
                                    llvm::StringRef name) override {
    return programs.find(op, name);
  }

  int64_t now = 0, limit = 0;
  const Stimuli *stimuli = nullptr;
  /// Where an op's spikes go and how late they are. Looked up, never iterated.
  llvm::DenseMap<mlir::Operation *, std::pair<runtime::SpikeTrain *, int64_t>>
      targets;

private:
  reference::Programs programs;
  Signal nothing;
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
    frame.resetStates();
    result.chipSteps = result.steps + lag;
    for (frame.now = 0; frame.now < result.chipSteps; ++frame.now)
      if (Error error = system.evaluate(frame))
        return std::move(error);
    if (!options.populations)
      result.populations.clear();
    return result;
  }

private:
  /// Makes a train for each port and population; the largest lag.
  int64_t prepare(LevelResult &result) {
    int64_t lag = 0;
    mlir::Block &body = system.getBody().front();
    const auto collect = [&](auto ops, std::vector<runtime::SpikeTrain> &list) {
      std::vector<std::pair<mlir::Operation *, int64_t>> found;
      for (auto op : ops) {
        list.push_back(
            {op.getName().str(), op.getShape().vec(), result.steps, {}});
        found.push_back({op, static_cast<int64_t>(op.getLag())});
        lag = std::max(lag, found.back().second);
      }
      for (size_t i = 0; i < found.size(); ++i)
        frame.targets[found[i].first] = {&list[i], found[i].second};
    };
    std::vector<neurocore::PopulationOp> layers;
    for (auto layer : body.getOps<neurocore::PopulationOp>())
      if (!layer.getIsInput())
        layers.push_back(layer);
    collect(body.getOps<neurocore::OutputOp>(), result.outputs);
    collect(layers, result.populations);
    return lag;
  }

  neurocore::SystemOp system;
  SystemFrame frame;
};

} // namespace

std::unique_ptr<Runner> systemRunner(neurocore::SystemOp system) {
  return std::make_unique<SystemRunner>(system);
}

} // namespace hillock::tool

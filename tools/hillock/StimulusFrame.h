//===- tools/hillock/StimulusFrame.h - Stimuli for evaluators ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_STIMULUSFRAME_H
#define HILLOCK_TOOLS_HILLOCK_STIMULUSFRAME_H

#include "dialects/interfaces/Evaluation.h"
#include "image/InputCodes.h"
#include "tools/hillock/Model.h"
#include <optional>

namespace hillock::tool {

/// For evaluators of a whole chip: stimuli come from outside, spikes go where a
/// derived class records them, and there are no SSA values.
class StimulusFrame : public Frame {
public:
  int64_t step() const override { return now; }
  const Signal &get(mlir::Value) override { return nothing; }
  void set(mlir::Value, Signal) override {}

  int64_t now = 0;
  int64_t limit = 0; ///< steps of the network; afterwards inputs are silent
  const Stimuli *stimuli = nullptr;
  /// Of inputs of graded spikes, whose stimuli are real values.
  std::optional<proto::InputCodes> codes;

protected:
  /// What the port of that name and shape gets in this step.
  Signal eventsOf(llvm::StringRef name, llvm::ArrayRef<int64_t> shape) const {
    int64_t neurons = 1;
    for (const int64_t size : shape)
      neurons *= size;
    Signal signal(static_cast<size_t>(neurons));
    const auto found = stimuli->find(name.str());
    if (found != stimuli->end() && now < limit)
      for (const runtime::Event &event : found->second.eventsAt(now))
        signal[event.neuron] =
            codes ? image::payloadOf(*codes, event.value) : event.value;
    return signal;
  }

private:
  Signal nothing;
};

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_STIMULUSFRAME_H

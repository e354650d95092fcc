//===- tests/differential/Reference.cpp -----------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tests/differential/Reference.h"
#include "image/ProgramVm.h"
#include "runtime/programs/LibraryPrograms.h"

namespace hillock::differential {

namespace {

class Reference {
public:
  explicit Reference(const Spec &spec) : spec(spec) {
    for (const Core &core : spec.cores) {
      Own own;
      if (auto program = runtime::libraryProgram(core.model))
        own.program = std::move(*program);
      else
        llvm::consumeError(program.takeError());
      for (const auto &state : own.program.states) {
        auto at = core.states.find(state.name);
        own.states.push_back(at == core.states.end() ? Values(core.compartments)
                                                     : at->second);
      }
      own.sums.assign(horizon, std::vector<uint32_t>(core.compartments));
      own.injected.assign(own.program.ports,
                          std::vector<uint32_t>(core.compartments));
      own.entered.resize(core.compartments);
      cores.push_back(std::move(own));
    }
  }

  Trace run() {
    Trace trace;
    size_t next = 0;
    for (step = 1; step <= spec.steps; ++step) {
      for (auto &own : cores)
        for (auto &port : own.injected)
          std::fill(port.begin(), port.end(), 0);
      // What was emitted in the step before arrives together with the host's.
      for (const emu::Spike &spike : spikes)
        send(spike);
      for (; next < spec.host.size() && spec.host[next].step == step; ++next)
        fromHost(spec.host[next]);
      spikes.clear();
      for (uint32_t c = 0; c < cores.size(); ++c)
        for (uint32_t n = 0; n < spec.cores[c].compartments; ++n)
          advance(c, n);
      trace.spikes.push_back(spikes);
      trace.states.emplace_back();
      if (looksAt(step, spec.steps))
        for (Own &own : cores) {
          trace.states.back().push_back(own.states);
          trace.states.back().back().push_back(own.entered);
        }
    }
    for (Own &own : cores)
      trace.counters.push_back(own.counters);
    return trace;
  }

private:
  static constexpr uint32_t horizon = 64;
  struct Own {
    image::Program program;
    std::vector<Values> states;              ///< by state, compartment
    std::vector<std::vector<uint32_t>> sums; ///< by step mod horizon
    std::vector<std::vector<uint32_t>> injected;
    Values entered;
    emu::CoreCounters counters;
  };

  void fromHost(const HostEvent &event) {
    if (event.direct)
      cores[event.core].injected[event.port][event.compartment] +=
          static_cast<uint32_t>(event.value);
    else
      deliver(event.core, event.axon, event.atom, event.value);
  }

  void send(const emu::Spike &spike) {
    for (const Slot &slot : spec.cores[spike.core].slots)
      if (slot.compartment == spike.compartment)
        deliver(slot.core, slot.axon, slot.atom, spike.payload);
  }

  void deliver(uint32_t c, uint32_t number, uint32_t atom, int32_t payload) {
    const Core &core = spec.cores[c];
    const Axon &axon = core.axons[number];
    const Row &row = core.rows[axon.firstRow + atom];
    ++cores[c].counters.axonsIn;
    for (const Synapse &synapse : row.synapses) {
      int64_t weight = synapse.mantissa;
      if (!core.exponentOnSum) {
        // Rounded down, as bits dropped from below are.
        for (int e = row.exponent; e < 0; ++e)
          weight = weight / 2 - (weight % 2 < 0 ? 1 : 0);
        for (int e = row.exponent; e > 0; --e)
          weight *= 2;
        weight *= 64;
      }
      cores[c]
          .sums[(step + synapse.delay) % horizon][axon.base + synapse.target] +=
          static_cast<uint32_t>(weight) * static_cast<uint32_t>(payload);
      ++cores[c].counters.synapticEvents;
    }
  }

  void advance(uint32_t c, uint32_t n) {
    Own &own = cores[c];
    const Core &core = spec.cores[c];
    Values params, state, inputs;
    for (const std::string &name : own.program.params)
      params.push_back(core.params.at(name)[n]);
    for (const Values &values : own.states)
      state.push_back(values[n]);
    uint32_t &sum = own.sums[step % horizon][n];
    for (uint32_t port = 0; port < own.program.ports; ++port)
      inputs.push_back(
          static_cast<int32_t>(own.injected[port][n] + (port == 0 ? sum : 0)));
    own.entered[n] = inputs.empty() ? static_cast<int32_t>(sum) : inputs[0];
    sum = 0;
    bool fired = false;
    int32_t payload = 0;
    image::runScalar(own.program, params, state, inputs,
                     image::randomKey(spec.seed, c, n, step), fired, payload);
    for (size_t s = 0; s < state.size(); ++s)
      own.states[s][n] = state[s];
    ++own.counters.updates;
    if (!fired)
      return;
    spikes.push_back({step, c, n, payload});
    ++own.counters.spikes;
    for (const Slot &slot : core.slots)
      own.counters.axonsOut += slot.compartment == n;
  }

  const Spec &spec;
  std::vector<Own> cores;
  std::vector<emu::Spike> spikes; ///< of the step before
  uint32_t step = 0;
};

std::string show(const std::vector<emu::Spike> &spikes) {
  std::string text;
  for (const emu::Spike &spike : spikes)
    text += " " + std::to_string(spike.core) + "/" +
            std::to_string(spike.compartment) + ":" +
            std::to_string(spike.payload);
  return text.empty() ? " none" : text;
}

} // namespace

Trace runReference(const Spec &spec) { return Reference(spec).run(); }

std::string compare(const Trace &expected, const Trace &got) {
  if (expected.spikes.size() != got.spikes.size())
    return "it did " + std::to_string(got.spikes.size()) + " steps";
  for (size_t step = 0; step < expected.spikes.size(); ++step) {
    const std::string where = "step " + std::to_string(step + 1);
    if (expected.spikes[step] != got.spikes[step])
      return where + ": spikes" + show(got.spikes[step]) + "; expected" +
             show(expected.spikes[step]);
    if (expected.states[step].size() != got.states[step].size())
      return where + ": states of other cores";
    for (size_t c = 0; c < expected.states[step].size(); ++c)
      for (size_t s = 0; s < expected.states[step][c].size(); ++s)
        for (size_t n = 0; n < expected.states[step][c][s].size(); ++n)
          if (expected.states[step][c][s][n] != got.states[step][c][s][n])
            return where + ": core " + std::to_string(c) + " compartment " +
                   std::to_string(n) + " state " + std::to_string(s) + ": " +
                   std::to_string(got.states[step][c][s][n]) + "; expected " +
                   std::to_string(expected.states[step][c][s][n]);
  }
  for (size_t c = 0; c < expected.counters.size(); ++c) {
    const emu::CoreCounters &a = expected.counters[c], &b = got.counters[c];
    if (a.axonsIn != b.axonsIn || a.synapticEvents != b.synapticEvents ||
        a.updates != b.updates || a.spikes != b.spikes ||
        a.axonsOut != b.axonsOut)
      return "core " + std::to_string(c) + ": counters differ (axons in " +
             std::to_string(b.axonsIn) + "/" + std::to_string(a.axonsIn) +
             ", events " + std::to_string(b.synapticEvents) + "/" +
             std::to_string(a.synapticEvents) + ", axons out " +
             std::to_string(b.axonsOut) + "/" + std::to_string(a.axonsOut) +
             ")";
  }
  return {};
}

} // namespace hillock::differential

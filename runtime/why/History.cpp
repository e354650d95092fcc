//===- runtime/why/History.cpp --------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/why/History.h"
#include "emulator/jit/Jit.h"
#include <algorithm>

namespace hillock::runtime {

namespace {

/// Keeps the spikes of all steps.
class Witness final : public emu::Emulator {
public:
  Witness(std::unique_ptr<emu::Emulator> chip, std::vector<emu::Spike> &seen)
      : chip(std::move(chip)), seen(seen) {}

  uint64_t now() const override { return chip->now(); }
  Error send(std::span<const emu::HostSpike> spikes) override {
    return chip->send(spikes);
  }
  Error inject(uint32_t core, uint32_t compartment, uint32_t port,
               int32_t value) override {
    return chip->inject(core, compartment, port, value);
  }
  void step() override {
    chip->step();
    seen.insert(seen.end(), chip->spikes().begin(), chip->spikes().end());
  }
  std::span<const emu::Spike> spikes() const override { return chip->spikes(); }
  Error run(std::span<const std::vector<emu::HostSpike>> inputs,
            std::vector<emu::Spike> &spikesOfAll) override {
    const size_t before = spikesOfAll.size();
    Error error = chip->run(inputs, spikesOfAll);
    seen.insert(seen.end(),
                spikesOfAll.begin() + static_cast<ptrdiff_t>(before),
                spikesOfAll.end());
    return error;
  }
  Expected<std::vector<int32_t>> read(uint32_t core,
                                      std::string_view state) const override {
    return chip->read(core, state);
  }
  const emu::CoreCounters &counters(uint32_t core) const override {
    return chip->counters(core);
  }
  void reset() override {
    chip->reset();
    seen.clear();
  }

private:
  std::unique_ptr<emu::Emulator> chip;
  std::vector<emu::Spike> &seen;
};

} // namespace

Expected<History>
History::record(std::shared_ptr<const image::LoadedImage> image,
                const std::map<std::string, Stimulus> &stimuli,
                int64_t networkSteps) {
  auto chip = emu::Emulator::create(image, emu::hostOptions(1));
  if (!chip)
    return chip.takeError();
  std::vector<emu::Spike> seen;
  auto session =
      Session::open(image, std::make_unique<Witness>(std::move(*chip), seen));
  if (!session)
    return session.takeError();
  History history;
  uint32_t senders = 0;
  for (const image::CoreTables &core : image->cores) {
    history.firstOfCore.push_back(senders);
    senders += core.compartments;
  }
  const proto::Io &io = image->proto.io();
  std::vector<std::pair<uint32_t, Firing>> all;
  for (const proto::Port &port : io.input()) {
    history.firstOfPort.push_back(senders);
    auto found = stimuli.find(port.name());
    if (found == stimuli.end() && io.input_size() == 1)
      found = stimuli.find("");
    if (found != stimuli.end())
      for (const Event &event : found->second.events)
        if (event.step < networkSteps)
          all.push_back({senders + event.neuron,
                         {event.step + 1, static_cast<int32_t>(event.value)}});
    senders += static_cast<uint32_t>(std::max(port.first_size() - 1, 0));
  }
  RunOptions options;
  options.steps = networkSteps;
  Expected<RunResult> result = session->run(stimuli, options);
  if (!result)
    return result.takeError();
  for (const emu::Spike &spike : seen)
    all.push_back({history.firstOfCore[spike.core] + spike.compartment,
                   {static_cast<uint32_t>(spike.step), spike.payload}});
  history.steps = static_cast<uint64_t>(result->chipSteps);
  history.first.assign(senders + 1, 0);
  for (const auto &[sender, firing] : all)
    ++history.first[sender + 1];
  for (uint32_t s = 0; s < senders; ++s)
    history.first[s + 1] += history.first[s];
  // Events come in order of time, so each list does.
  history.list.resize(all.size());
  std::vector<uint32_t> next = history.first;
  for (const auto &[sender, firing] : all)
    history.list[next[sender]++] = firing;
  return history;
}

std::span<const Firing> History::of(const Sender &sender) const {
  const uint32_t at =
      (sender.isInput ? firstOfPort : firstOfCore)[sender.place] +
      sender.number;
  return std::span(list).subspan(first[at], first[at + 1] - first[at]);
}

bool History::fired(const Sender &sender, uint64_t chipStep) const {
  const std::span<const Firing> mine = of(sender);
  return std::any_of(mine.begin(), mine.end(), [&](const Firing &firing) {
    return firing.step == chipStep;
  });
}

} // namespace hillock::runtime

//===- emulator/engine/ClockCheckpoint.cpp --------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/engine/ClockCheckpoint.h"
#include <cstring>

namespace hillock::emu {

namespace {

using Numbers = google::protobuf::RepeatedField<uint64_t>;

/// Structs that are nothing but 64-bit numbers.
template <typename T> constexpr int width = int(sizeof(T) / sizeof(uint64_t));

template <typename T> void putAll(const std::vector<T> &values, Numbers &to) {
  static_assert(std::is_trivially_copyable_v<T> &&
                std::has_unique_object_representations_v<T>);
  for (const T &value : values) {
    uint64_t numbers[width<T>];
    std::memcpy(numbers, &value, sizeof value);
    to.Add(numbers, numbers + width<T>);
  }
}

template <typename T> bool getAll(const Numbers &from, std::vector<T> &values) {
  if (static_cast<size_t>(from.size()) != values.size() * width<T>)
    return false;
  for (size_t i = 0; i < values.size(); ++i)
    std::memcpy(&values[i], from.data() + i * width<T>, sizeof(T));
  return true;
}

/// Every field of a step's time; a new one needs a place here.
template <typename Time, typename Visit>
void forFields(Time &time, const Visit &visit) {
  visit(time.workPs);
  visit(time.barrierPs);
  visit(time.barrierHighPs);
  visit(time.lowerPs);
  visit(time.upperPs);
  visit(time.busiestCore);
  visit(time.busiestCorePs);
  visit(time.splitPs);
  visit(time.busiestLink);
  visit(time.busiestLinkMessages);
  visit(time.messages);
}
constexpr int stepNumbers = 11;
static_assert(sizeof(StepTime) == stepNumbers * sizeof(uint64_t),
              "forFields() must visit every field");

} // namespace

void toProto(const ClockPast &past, proto::ClockCheckpoint &to) {
  for (const ClockPast::Set &set : past.sets) {
    proto::ClockSetCheckpoint &kept = *to.add_set();
    kept.set_name(set.name);
    for (const StepTime &time : set.steps)
      forFields(time, [&](uint64_t number) { kept.add_step(number); });
    putAll(set.totals.cores, *kept.mutable_core_work());
    putAll(set.totals.heat, *kept.mutable_core_heat());
    putAll(set.totals.linkMessages, *kept.mutable_link_messages());
    kept.set_barrier_hops_x(set.totals.barrierHopsX);
    kept.set_barrier_hops_y(set.totals.barrierHopsY);
  }
  putAll(past.layers, *to.mutable_layer_count());
  putAll(past.steps, *to.mutable_step_count());
  for (const std::vector<uint64_t> &core : past.fired)
    putAll(core, *to.mutable_fired());
}

Error fromProto(const proto::ClockCheckpoint &from, ClockPast &past) {
  const auto steps =
      static_cast<size_t>(from.step_count_size() / width<EventCounts>);
  std::string theirs, mine;
  for (const proto::ClockSetCheckpoint &set : from.set())
    theirs += " " + set.name();
  for (const ClockPast::Set &set : past.sets)
    mine += " " + set.name;
  if (theirs != mine)
    return inputError("its clock has the parameters" + theirs + ", not" + mine,
                      "checkpoint",
                      "resume with --timing cycle --parameters" + theirs);
  auto damaged = [](const char *what) {
    return inputError(std::string(what) + " of another length",
                      "checkpoint: clock",
                      "the checkpoint is damaged: use another one");
  };
  for (size_t s = 0; s < past.sets.size(); ++s) {
    const proto::ClockSetCheckpoint &kept = from.set(static_cast<int>(s));
    ClockPast::Set &set = past.sets[s];
    if (static_cast<uint64_t>(kept.step_size()) != steps * stepNumbers)
      return damaged("times of steps");
    set.steps.resize(steps);
    int at = 0;
    for (StepTime &time : set.steps)
      forFields(time, [&](auto &number) {
        number = static_cast<std::remove_reference_t<decltype(number)>>(
            kept.step(at++));
      });
    if (!getAll(kept.core_work(), set.totals.cores) ||
        !getAll(kept.core_heat(), set.totals.heat) ||
        !getAll(kept.link_messages(), set.totals.linkMessages))
      return damaged("sums of cores or links");
    set.totals.barrierHopsX = kept.barrier_hops_x();
    set.totals.barrierHopsY = kept.barrier_hops_y();
  }
  past.steps.resize(steps);
  if (!getAll(from.layer_count(), past.layers) ||
      !getAll(from.step_count(), past.steps))
    return damaged("event counts");
  const uint64_t *next = from.fired().data();
  size_t left = static_cast<size_t>(from.fired_size());
  for (std::vector<uint64_t> &core : past.fired) {
    if (core.size() > left)
      return damaged("spikes of compartments");
    std::copy(next, next + core.size(), core.begin());
    next += core.size();
    left -= core.size();
  }
  return left == 0 ? Error::success() : damaged("spikes of compartments");
}

} // namespace hillock::emu

//===- emulator/core/Checkpoint.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/core/Checkpoint.h"
#include "base/AtomicFile.h"
#include "base/Describe.h"
#include "emulator/core/CoreState.h"
#include "target/Hash.h"
#include <climits>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

namespace hillock::emu {

namespace {

constexpr std::string_view magic = "HILLOCKC";
constexpr size_t headerBytes = 24;

void appendLe(std::string &out, uint64_t value) {
  for (int i = 0; i < 8; ++i)
    out.push_back(static_cast<char>(value >> (8 * i)));
}

uint64_t readLe(std::string_view bytes, size_t at) {
  uint64_t value = 0;
  for (size_t i = 0; i < 8; ++i)
    value |= uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return value;
}

/// Hashes of parts, and the hash of these.
class Digest {
public:
  void number(uint64_t value) { appendLe(parts, value); }
  void bytes(std::string_view value) {
    number(value.size());
    number(target::hashBytes(value));
  }
  template <typename T> void array(const std::vector<T> &values) {
    static_assert(std::has_unique_object_representations_v<T>);
    bytes({reinterpret_cast<const char *>(values.data()),
           values.size() * sizeof(T)});
  }
  template <typename Map> void lists(const Map &map) {
    number(map.size());
    for (const auto &[name, values] : map) {
      bytes(name);
      array(values);
    }
  }
  void fields(const image::FieldValues &values) {
    number(values.size());
    for (const auto &[name, value] : values) {
      bytes(name);
      number(static_cast<uint64_t>(value));
    }
  }
  uint64_t take() const { return target::hashBytes(parts); }

private:
  std::string parts;
};

void add(Digest &digest, const image::CoreTables &core) {
  for (uint64_t value : {core.chip, core.core, core.program, core.compartments})
    digest.number(value);
  for (const image::SynapseFormat &format : core.formats)
    for (int64_t value : {int64_t(format.weightBits), int64_t(format.weightExp),
                          int64_t(format.sign), int64_t(format.exponentOnSum)})
      digest.number(static_cast<uint64_t>(value));
  digest.array(core.rows.first);
  digest.array(core.rows.format);
  digest.array(core.rows.target);
  digest.array(core.rows.mantissa);
  digest.array(core.rows.delay);
  for (const image::AxonIn &axon : core.axonsIn)
    for (uint64_t value : {uint64_t(axon.firstRow), uint64_t(axon.popRows),
                           uint64_t(axon.cxBase)})
      digest.number(value);
  digest.array(core.outFirst);
  for (const image::AxonOut &slot : core.axonsOut)
    for (uint64_t value :
         {slot.chip, slot.core, uint32_t(slot.axon), uint32_t(slot.atom)})
      digest.number(value);
  for (const auto *profiles :
       {&core.compartmentProfiles, &core.thresholdProfiles}) {
    digest.number(profiles->size());
    for (const image::FieldValues &profile : *profiles)
      digest.fields(profile);
  }
  digest.array(core.profileOf);
  digest.array(core.thresholdOf);
  digest.lists(core.compartmentFields);
  digest.lists(core.initialState);
  digest.fields(core.config);
}

Error refuse(const std::string &what, const std::string &remedy) {
  return inputError(what, "checkpoint", remedy);
}

constexpr const char *sameImage = "resume with the image that was running";

Error damaged(const std::string &what, const std::string &where) {
  return inputError(what, where, "the checkpoint is damaged: use another one");
}

} // namespace

uint64_t hashOf(const image::LoadedImage &image) {
  std::vector<uint64_t> cores;
  for (const image::CoreTables &core : image.cores)
    cores.push_back(hashOf(core));
  return hashOf(cores, image.programs, image.target);
}

uint64_t hashOf(const image::CoreTables &core) {
  Digest digest;
  add(digest, core);
  return digest.take();
}

uint64_t hashOf(std::span<const uint64_t> cores,
                std::span<const image::Program> programs,
                const target::TargetModel &target) {
  Digest digest;
  digest.number(cores.size());
  for (const uint64_t core : cores)
    digest.number(core);
  for (const image::Program &program : programs) {
    digest.bytes(program.name);
    for (const image::Program::State &state : program.states)
      digest.bytes(state.name);
    for (const std::string &param : program.params)
      digest.bytes(param);
    for (const image::Instruction &instruction : program.code)
      digest.number(instruction.encode());
  }
  digest.number(static_cast<uint64_t>(
      target.proto().synapse_packing().weight_exponent_base()));
  return digest.take();
}

Error checkHeader(const proto::Checkpoint &checkpoint, uint64_t imageHash,
                  uint64_t seed, size_t cores) {
  if (checkpoint.format() != checkpointFormat)
    return refuse(
        "format " + std::to_string(checkpoint.format()) +
            ", this program reads " + std::to_string(checkpointFormat),
        "resume with the version of hillock that wrote it" +
            (checkpoint.has_producer() ? " (" + checkpoint.producer() + ")"
                                       : std::string()));
  if (checkpoint.image_hash() != imageHash ||
      static_cast<size_t>(checkpoint.core_size()) != cores)
    return refuse(
        "it is of another image (with " +
            describeCount(static_cast<uint64_t>(checkpoint.core_size()),
                          "core") +
            ", this one has " + std::to_string(cores) + ")",
        sameImage);
  if (checkpoint.seed() != seed)
    return refuse("it is of a run with the seed " +
                      std::to_string(checkpoint.seed()) + ", not " +
                      std::to_string(seed),
                  "resume with that seed");
  return Error::success();
}

void toProto(std::span<const Spike> spikes, proto::SpikeCheckpoint &to) {
  for (const Spike &spike : spikes) {
    to.add_core(spike.core);
    to.add_compartment(spike.compartment);
    to.add_payload(spike.payload);
  }
}

void toProto(std::span<const HostSpike> spikes, proto::HostCheckpoint &to) {
  for (const HostSpike &spike : spikes) {
    to.add_core(spike.core);
    to.add_axon(spike.axon);
    to.add_atom(spike.atom);
    to.add_payload(spike.payload);
  }
}

Expected<std::vector<Spike>> fromProto(const proto::SpikeCheckpoint &from,
                                       uint64_t step) {
  if (from.core_size() != from.compartment_size() ||
      from.core_size() != from.payload_size())
    return damaged("lists of different lengths", "checkpoint: spikes");
  std::vector<Spike> spikes;
  for (int i = 0; i < from.core_size(); ++i)
    spikes.push_back(
        {step, from.core(i), from.compartment(i), from.payload(i)});
  for (size_t i = 1; i < spikes.size(); ++i)
    if (std::pair(spikes[i - 1].core, spikes[i - 1].compartment) >=
        std::pair(spikes[i].core, spikes[i].compartment))
      return damaged("not sorted", "checkpoint: spikes");
  return spikes;
}

Expected<std::vector<HostSpike>> fromProto(const proto::HostCheckpoint &from) {
  if (from.core_size() != from.axon_size() ||
      from.core_size() != from.atom_size() ||
      from.core_size() != from.payload_size())
    return damaged("lists of different lengths", "checkpoint: host spikes");
  std::vector<HostSpike> spikes;
  for (int i = 0; i < from.core_size(); ++i)
    spikes.push_back(
        {from.core(i), from.axon(i), from.atom(i), from.payload(i)});
  return spikes;
}

void toProto(const CoreCounters &counters, proto::CountersCheckpoint &to) {
  to.set_axons_in(counters.axonsIn);
  to.set_synaptic_events(counters.synapticEvents);
  to.set_updates(counters.updates);
  to.set_spikes(counters.spikes);
  to.set_axons_out(counters.axonsOut);
}

CoreCounters fromProto(const proto::CountersCheckpoint &from) {
  return {from.axons_in(), from.synaptic_events(), from.updates(),
          from.spikes(), from.axons_out()};
}

Error writeCheckpoint(const proto::Checkpoint &checkpoint,
                      const std::string &path) {
  if (checkpoint.ByteSizeLong() > INT_MAX)
    return inputError("the state has " +
                          describeBytes(checkpoint.ByteSizeLong()) +
                          ", more than the 2 GiB of a checkpoint",
                      path, "record fewer populations and probes");
  std::string payload;
  {
    google::protobuf::io::StringOutputStream stream(&payload);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    if (!checkpoint.SerializeToCodedStream(&coded))
      return makeError(ErrorKind::Internal, "cannot be serialized", path);
  }
  std::string bytes(magic);
  appendLe(bytes, payload.size());
  appendLe(bytes, target::hashBytes(payload));
  return writeFile(path, bytes + payload);
}

Expected<proto::Checkpoint> readCheckpoint(const std::string &path) {
  Expected<std::string> bytes = readFile(path);
  if (!bytes)
    return bytes.takeError();
  if (bytes->size() < headerBytes || !bytes->starts_with(magic))
    return inputError("not a Hillock checkpoint (it does not begin with \"" +
                          std::string(magic) + "\")",
                      path, "give a file made by `hillock run --checkpoint`");
  const std::string_view payload = std::string_view(*bytes).substr(headerBytes);
  if (readLe(*bytes, 8) != payload.size())
    return inputError("the checkpoint should have " +
                          withSeparators(readLe(*bytes, 8)) +
                          " bytes behind its header but has " +
                          withSeparators(uint64_t{payload.size()}),
                      path, "copy the file again or start from an older one");
  proto::Checkpoint checkpoint;
  if (target::hashBytes(payload) != readLe(*bytes, 16) ||
      payload.size() > INT_MAX ||
      !checkpoint.ParseFromArray(payload.data(),
                                 static_cast<int>(payload.size())))
    return inputError("the content is damaged: its hash is not the one in the "
                      "header",
                      path, "copy the file again or start from an older one");
  return checkpoint;
}

//===----------------------------------------------------------------------===//
// One core.

void CoreState::save(proto::CoreCheckpoint &to, uint64_t step) const {
  for (size_t s = 0; s < statePointers.size(); ++s) {
    proto::StateCheckpoint &state = *to.add_state();
    state.set_name(program->states[s].name);
    state.mutable_value()->Add(statePointers[s], statePointers[s] + lanes);
  }
  auto keep = [&](const int32_t *values, uint32_t ahead, auto add) {
    if (std::all_of(values, values + lanes, [](int32_t v) { return v == 0; }))
      return;
    proto::SumsCheckpoint &sums = *add();
    sums.set_ahead(ahead);
    sums.mutable_value()->Add(values, values + lanes);
  };
  for (uint32_t ahead = 0; ahead <= store.maxDelay(); ++ahead)
    keep(ringSlot(step + ahead), ahead, [&] { return to.add_sums(); });
  for (uint32_t port = 0; port < direct.size(); ++port)
    for (uint32_t ahead : {0u, 1u})
      if (size_t side = (step + ahead) & 1; direct[port].used[side])
        keep(direct[port].values[side].data(), ahead, [&] {
          proto::SumsCheckpoint *sums = to.add_injected();
          sums->set_port(port);
          return sums;
        });
  toProto(counters, *to.mutable_counters());
}

Error CoreState::check(const proto::CoreCheckpoint &from) const {
  const std::string where = "checkpoint: " + name();
  auto bad = [&](const std::string &what) { return damaged(what, where); };
  if (static_cast<size_t>(from.state_size()) != statePointers.size())
    return bad(std::to_string(from.state_size()) + " states of program '" +
               program->name + "', which has " +
               std::to_string(statePointers.size()));
  const int values = static_cast<int>(lanes);
  for (size_t s = 0; s < statePointers.size(); ++s) {
    const proto::StateCheckpoint &state = from.state(static_cast<int>(s));
    if (state.name() != program->states[s].name || state.value_size() != values)
      return bad("state '" + state.name() + "' with " +
                 std::to_string(state.value_size()) + " values where '" +
                 program->states[s].name + "' has " + std::to_string(lanes));
  }
  for (const proto::SumsCheckpoint &sums : from.sums())
    if (sums.ahead() > store.maxDelay() || sums.value_size() != values)
      return bad("sums of " + std::to_string(sums.value_size()) +
                 " compartments, " + std::to_string(sums.ahead()) +
                 " steps ahead");
  for (const proto::SumsCheckpoint &sums : from.injected())
    if (sums.ahead() > 1 || sums.port() >= direct.size() ||
        sums.value_size() != values)
      return bad("values injected into port " + std::to_string(sums.port()) +
                 " of " + std::to_string(direct.size()));
  return Error::success();
}

void CoreState::restore(const proto::CoreCheckpoint &from, uint64_t step) {
  reset();
  for (size_t s = 0; s < statePointers.size(); ++s) {
    const proto::StateCheckpoint &state = from.state(static_cast<int>(s));
    std::copy(state.value().begin(), state.value().end(), statePointers[s]);
  }
  for (const proto::SumsCheckpoint &sums : from.sums())
    std::copy(sums.value().begin(), sums.value().end(),
              ringSlot(step + sums.ahead()));
  for (const proto::SumsCheckpoint &sums : from.injected()) {
    Direct &port = direct[sums.port()];
    const size_t side = (step + sums.ahead()) & 1;
    if (!port.values[side])
      port.values[side] = LaneArray(padded);
    std::copy(sums.value().begin(), sums.value().end(),
              port.values[side].data());
    port.used[side] = true;
  }
}

} // namespace hillock::emu

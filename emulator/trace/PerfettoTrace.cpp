//===- emulator/trace/PerfettoTrace.cpp - For ui.perfetto.dev -------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A chip is a process; its cores have a track for each unit and counters.
// Timestamps are nanoseconds; picoseconds are rounded each by itself, so that
// errors do not add up. A trace is a sequence of packets, and traces may be
// joined by appending one to the other: steps are written one by one.
//
//===----------------------------------------------------------------------===//
#include "base/AtomicFile.h"
#include "emulator/trace/Trace.h"
#include "proto/perfetto.pb.h"

namespace hillock::emu {

namespace {

namespace pf = hillock::perfetto;

constexpr uint32_t sequence = 1;

uint64_t nanoseconds(uint64_t ps) { return (ps + 500) / 1000; }

class PerfettoTrace final : public TraceFile {
public:
  PerfettoTrace(AtomicFile file, const TraceShape &shape)
      : file(std::move(file)), shape(shape), lastSpikes(shape.cores.size(), 0),
        lastEvents(shape.cores.size(), 0), lastLinks(shape.links.size(), 0),
        linkTracks(shape.links.size(), 0) {}

  Error describe();
  Error add(const TraceStep &step) override;
  Error finish() override;

private:
  struct CoreTracks {
    uint64_t send = 0, receive = 0, spikes = 0, events = 0;
  };

  uint64_t process(const std::string &name);
  uint64_t track(const std::string &name, uint64_t parent, bool counter);
  void slice(uint64_t on, const std::string &name, uint64_t fromPs,
             uint64_t lengthPs);
  void count(uint64_t on, uint64_t atPs, uint64_t value, uint64_t &last);
  pf::TrackEvent &event(uint64_t on, pf::TrackEvent::Type type, uint64_t atPs);
  Error write();

  AtomicFile file;
  TraceShape shape;
  pf::Trace packets;
  uint64_t tracks = 0, steps = 0, barriers = 0, network = 0, endPs = 0;
  std::vector<CoreTracks> cores;
  std::vector<uint64_t> lastSpikes, lastEvents, lastLinks;
  std::vector<uint64_t> linkTracks; ///< 0: nothing has passed so far
};

uint64_t PerfettoTrace::process(const std::string &name) {
  pf::TracePacket &packet = *packets.add_packet();
  packet.set_trusted_packet_sequence_id(sequence);
  pf::TrackDescriptor &track = *packet.mutable_track_descriptor();
  track.set_uuid(++tracks);
  track.mutable_process()->set_pid(static_cast<int32_t>(tracks));
  track.mutable_process()->set_process_name(name);
  track.set_child_ordering(pf::TrackDescriptor::EXPLICIT);
  return tracks;
}

uint64_t PerfettoTrace::track(const std::string &name, uint64_t parent,
                              bool counter) {
  pf::TracePacket &packet = *packets.add_packet();
  packet.set_trusted_packet_sequence_id(sequence);
  pf::TrackDescriptor &track = *packet.mutable_track_descriptor();
  track.set_uuid(++tracks);
  track.set_parent_uuid(parent);
  track.set_name(name);
  track.set_sibling_order_rank(static_cast<int32_t>(tracks));
  if (counter)
    track.mutable_counter()->set_unit(pf::CounterDescriptor::UNIT_COUNT);
  return tracks;
}

Error PerfettoTrace::describe() {
  const uint64_t all = process(shape.title);
  steps = track("steps", all, false);
  if (shape.timed)
    barriers = track("barriers", all, false);
  uint64_t chip = 0;
  for (size_t c = 0; c < shape.cores.size(); ++c) {
    const TraceShape::Core &core = shape.cores[c];
    if (c == 0 || core.chip != shape.cores[c - 1].chip)
      chip = process("chip " + std::to_string(core.chip));
    const std::string name = "core " + std::to_string(core.core);
    CoreTracks own;
    if (shape.timed) {
      own.send = track(name + " send", chip, false);
      own.receive = track(name + " receive", chip, false);
    }
    own.spikes = track(name + " spikes", chip, true);
    own.events = track(name + " synaptic events", chip, true);
    cores.push_back(own);
  }
  // Links get their tracks when something passes: most never see a message.
  if (!shape.links.empty())
    network = process("links");
  return write();
}

pf::TrackEvent &PerfettoTrace::event(uint64_t on, pf::TrackEvent::Type type,
                                     uint64_t atPs) {
  pf::TracePacket &packet = *packets.add_packet();
  packet.set_timestamp(nanoseconds(atPs));
  packet.set_trusted_packet_sequence_id(sequence);
  packet.mutable_track_event()->set_type(type);
  packet.mutable_track_event()->set_track_uuid(on);
  return *packet.mutable_track_event();
}

void PerfettoTrace::slice(uint64_t on, const std::string &name, uint64_t fromPs,
                          uint64_t lengthPs) {
  if (lengthPs == 0)
    return;
  event(on, pf::TrackEvent::SLICE_BEGIN, fromPs).set_name(name);
  event(on, pf::TrackEvent::SLICE_END, fromPs + lengthPs);
}

/// A counter keeps its value until the next one.
void PerfettoTrace::count(uint64_t on, uint64_t atPs, uint64_t value,
                          uint64_t &last) {
  if (value == last)
    return;
  last = value;
  event(on, pf::TrackEvent::COUNTER, atPs)
      .set_counter_value(static_cast<int64_t>(value));
}

Error PerfettoTrace::add(const TraceStep &step) {
  slice(steps, "step " + std::to_string(step.number), step.startPs,
        step.workPs + step.barrierPs);
  if (shape.timed)
    slice(barriers, "barrier", step.startPs + step.workPs, step.barrierPs);
  for (size_t c = 0; c < cores.size(); ++c) {
    const CoreActivity &core = step.cores[c];
    if (shape.timed) {
      slice(cores[c].send, "send", step.startPs, core.sendPs);
      slice(cores[c].receive, "receive", step.startPs, core.receivePs);
    }
    count(cores[c].spikes, step.startPs, core.spikes, lastSpikes[c]);
    count(cores[c].events, step.startPs, core.synapticEvents, lastEvents[c]);
  }
  for (size_t l = 0; l < step.linkMessages.size(); ++l) {
    if (linkTracks[l] == 0 && step.linkMessages[l] > 0)
      linkTracks[l] = track(shape.links[l] + " messages", network, true);
    if (linkTracks[l] != 0)
      count(linkTracks[l], step.startPs, step.linkMessages[l], lastLinks[l]);
  }
  endPs = step.startPs + step.workPs + step.barrierPs;
  return write();
}

Error PerfettoTrace::write() {
  std::string bytes;
  if (!packets.SerializeToString(&bytes))
    return makeError(ErrorKind::Internal, "a trace cannot be serialized");
  packets.Clear();
  return file.write(bytes);
}

Error PerfettoTrace::finish() {
  for (size_t c = 0; c < cores.size(); ++c) {
    count(cores[c].spikes, endPs, 0, lastSpikes[c]);
    count(cores[c].events, endPs, 0, lastEvents[c]);
  }
  for (size_t l = 0; l < linkTracks.size(); ++l)
    if (linkTracks[l] != 0)
      count(linkTracks[l], endPs, 0, lastLinks[l]);
  if (Error error = write())
    return error;
  return file.commit();
}

} // namespace

Expected<std::unique_ptr<TraceFile>>
createPerfettoTrace(const std::string &path, const TraceShape &shape) {
  Expected<AtomicFile> file = AtomicFile::create(path);
  if (!file)
    return file.takeError();
  auto trace = std::make_unique<PerfettoTrace>(std::move(*file), shape);
  if (Error error = trace->describe())
    return std::move(error);
  return std::unique_ptr<TraceFile>(std::move(trace));
}

} // namespace hillock::emu

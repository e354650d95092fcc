//===- emulator/core/Checkpoint.h - State as a message ----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a checkpoint holds does not depend on how the emulator runs: a run may
// be interrupted on one thread and resumed on four ranks.
//
// A file is a frame as that of an image: the 8 bytes "HILLOCKC", the length of
// the payload (u64 LE), its 64-bit hash (u64 LE), a serialized
// proto.Checkpoint.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_CORE_CHECKPOINT_H
#define HILLOCK_EMULATOR_CORE_CHECKPOINT_H

#include "emulator/core/Emulator.h"
#include "proto/checkpoint.pb.h"

namespace hillock::emu {

constexpr uint32_t checkpointFormat = 1;

/// Of what the image's cores hold and of its programs; names and the debug
/// section do not count. Takes as long as reading the tables once.
uint64_t hashOf(const image::LoadedImage &image);
/// The same of parts of it: of a core, and of an image of which there are the
/// hashes of the cores, in order.
uint64_t hashOf(const image::CoreTables &core);
uint64_t hashOf(std::span<const uint64_t> cores,
                std::span<const image::Program> programs,
                const target::TargetModel &target);

/// Format, image, seed and number of cores; everything else is checked by those
/// who restore it.
Error checkHeader(const proto::Checkpoint &checkpoint, uint64_t imageHash,
                  uint64_t seed, size_t cores);

void toProto(std::span<const Spike> spikes, proto::SpikeCheckpoint &to);
void toProto(std::span<const HostSpike> spikes, proto::HostCheckpoint &to);
/// The lists must be of equal length.
Expected<std::vector<Spike>> fromProto(const proto::SpikeCheckpoint &from,
                                       uint64_t step);
Expected<std::vector<HostSpike>> fromProto(const proto::HostCheckpoint &from);
void toProto(const CoreCounters &counters, proto::CountersCheckpoint &to);
CoreCounters fromProto(const proto::CountersCheckpoint &from);

/// Deterministic: equal checkpoints are equal bytes. The file appears whole or
/// not at all.
Error writeCheckpoint(const proto::Checkpoint &checkpoint,
                      const std::string &path);
/// Damage and foreign files are Input errors that name \p path.
Expected<proto::Checkpoint> readCheckpoint(const std::string &path);

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_CORE_CHECKPOINT_H

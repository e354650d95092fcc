//===- emulator/ranks/LeaderCheckpoint.cpp --------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/core/Checkpoint.h"
#include "emulator/ranks/Leader.h"

namespace hillock::emu {

Error Leader::save(proto::Checkpoint &to) const {
  if (Error error = trouble())
    return error;
  auto answers = give(Order::Save);
  if (!answers)
    return answers.takeError();
  to.set_format(checkpointFormat);
  to.set_image_hash(imageHash);
  to.set_seed(options.seed);
  to.set_step(done);
  const std::vector<uint32_t> &rankOf = worker.cores()->ranksOfCores();
  for (size_t rank = 0; rank < answers->size(); ++rank) {
    proto::Checkpoint part;
    if (!part.ParseFromString((*answers)[rank]) ||
        static_cast<size_t>(part.core_size()) != rankOf.size())
      return makeError(ErrorKind::Internal, "a state did not arrive whole",
                       "rank " + std::to_string(rank));
    for (uint32_t core = 0; core < rankOf.size(); ++core) {
      if (rank == 0)
        to.add_core();
      if (rankOf[core] == rank)
        to.mutable_core(int(core))->Swap(part.mutable_core(int(core)));
    }
    // Ranks own runs of cores, in order; the leader may have seen fewer.
    to.mutable_spikes()->MergeFrom(part.spikes());
  }
  toProto(queued, *to.mutable_host());
  return Error::success();
}

Error Leader::restore(const proto::Checkpoint &from) {
  if (Error error = trouble())
    return error;
  if (Error error =
          checkHeader(from, imageHash, options.seed, image->cores.size()))
    return error;
  Expected<std::vector<Spike>> spikes = fromProto(from.spikes(), from.step());
  if (!spikes)
    return spikes.takeError();
  for (const Spike &spike : *spikes)
    if (spike.core >= image->cores.size() ||
        spike.compartment >= image->cores[spike.core].compartments)
      return inputError("a spike of core " + std::to_string(spike.core) +
                            ", compartment " +
                            std::to_string(spike.compartment),
                        "checkpoint", "it is damaged: use another one");
  Expected<std::vector<HostSpike>> host = fromProto(from.host());
  if (!host)
    return host.takeError();
  if (Error error = checkSpikes(*host))
    return error;
  // A rank that refuses must not leave the others changed.
  proto::Checkpoint before;
  if (Error error = save(before))
    return error;
  auto bring = [&](const proto::Checkpoint &checkpoint) {
    std::string bytes, words;
    proto::Checkpoint chip = checkpoint;
    chip.clear_run();
    chip.clear_clock();
    chip.clear_host(); // goes with the next step
    chip.SerializeToString(&bytes);
    wire::putText(words, bytes);
    return give(Order::Restore, words).takeError();
  };
  forget();
  if (Error error = bring(from)) {
    if (Error again = bring(before))
      note(std::move(again));
    return error;
  }
  done = from.step();
  emitted = std::move(*spikes);
  queued = std::move(*host);
  return Error::success();
}

} // namespace hillock::emu

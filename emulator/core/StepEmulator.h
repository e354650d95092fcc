//===- emulator/core/StepEmulator.h - The step engine -----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cores are dealt to workers once. In a step every worker adds the messages
// that wait for its cores, advances its cores, and writes the messages that
// their spikes cause into boxes, one a (sending, receiving) pair of workers.
// Boxes exist twice, for odd and even steps, so that the end of a step is the
// only barrier; those of a block's last step are carried to the next block.
//
// A run of many steps is cut into blocks as long as the rings of sums allow.
// What the host sends to dense rows in a block is added first, for all steps at
// once (DenseBlock.h); then the steps follow one another without the caller,
// for all cores or level by level (StepLevels.cpp).
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_CORE_STEPEMULATOR_H
#define HILLOCK_EMULATOR_CORE_STEPEMULATOR_H

#include "emulator/core/CoreLevels.h"
#include "emulator/core/CoreState.h"
#include "emulator/core/DenseBlock.h"
#include "emulator/core/MergedRows.h"
#include "emulator/core/RowArena.h"
#include "emulator/core/Workers.h"
#include <map>
#include <optional>

namespace hillock::emu {

class StepEmulator final : public Emulator {
public:
  StepEmulator(std::shared_ptr<const image::LoadedImage> loaded,
               Options options)
      : image(std::move(loaded)), options(options) {}

  Error load();

  uint64_t now() const override { return done; }
  Error send(std::span<const HostSpike> hostSpikes) override;
  Error inject(uint32_t core, uint32_t compartment, uint32_t port,
               int32_t value) override;
  void step() override;
  Error run(std::span<const std::vector<HostSpike>> inputs,
            std::vector<Spike> &spikes) override;
  std::span<const Spike> spikes() const override { return emitted; }
  Expected<std::vector<int32_t>> read(uint32_t core,
                                      std::string_view state) const override;
  const CoreCounters &counters(uint32_t core) const override;
  void reset() override;
  Error save(proto::Checkpoint &to) const override;
  Error restore(const proto::Checkpoint &from) override;

private:
  using Box = std::vector<Message>;
  /// What only one worker touches while a block runs.
  struct alignas(128) Own {
    std::vector<uint32_t> cores; ///< rising
    Ring ring;
    LaneArray sums; ///< of the ring
    Scratch scratch;
    Box host; ///< messages of send()
  };
  /// From one worker to another, for odd or even steps.
  struct alignas(128) Mail {
    Box messages;
    std::vector<std::vector<uint32_t>> merged; ///< senders by level
  };

  /// Cores that run all steps of a block before the next level begins.
  struct Level {
    std::vector<std::vector<uint32_t>> cores; ///< by worker
    /// Cores of several workers are on a cycle: they go step by step.
    bool spans = false;
    /// Some of them send to cores of this level.
    bool talks = false;
  };
  /// What a worker sends to higher levels in a block, by [step][core].
  struct alignas(128) Staged {
    std::vector<Box> messages;
    std::vector<std::vector<DenseBlock::Place>> dense;
    std::vector<std::vector<uint32_t>> merged; ///< senders, [step][bucket]
  };

  /// Steps of a block without dense rows: only the caller waits for them.
  static constexpr size_t plainSteps = 64;

  unsigned workerCount() const { return static_cast<unsigned>(owns.size()); }
  void deal(unsigned count, const CoreLevels &found);
  void placeRings(std::span<const uint32_t> firstLane,
                  std::span<const size_t> ringLanes);
  uint32_t indexOf(uint32_t chip, uint32_t core) const;
  Error checkCore(uint32_t core) const;
  void knowMerged();
  Error queueHost(std::span<const std::vector<HostSpike>> inputs);
  void runBlock(size_t steps);
  void makeNative(size_t steps);
  void work(unsigned worker);
  void runLevel(size_t level, unsigned worker);
  void runCores(std::span<const uint32_t> of, unsigned worker, size_t k);
  void deliverAhead(unsigned worker);
  void deliverMail(unsigned worker, uint64_t step, size_t from, size_t to);
  void addDense(uint32_t core, unsigned worker);
  // Levels (StepLevels.cpp).
  CoreLevels findLevels(unsigned count) const;
  /// The worker of each core, and the work of the busiest in all levels.
  std::pair<std::vector<unsigned>, uint64_t>
  balance(std::span<const uint32_t> levelOfCore, uint32_t levelCount,
          unsigned count) const;
  void makeLevels(const CoreLevels &found);
  void makeStaged();
  void makePlaces();
  /// Where the merged rows towards a worker's cores of a level are.
  size_t bucket(unsigned worker, size_t level) const {
    return worker * levels.size() + level;
  }
  void stage(unsigned worker, uint32_t core, size_t k,
             std::span<const Fired> fired);
  void deliverStagedRows(unsigned worker, uint32_t core);
  void deliverStaged(unsigned worker, size_t level, size_t k);
  void deliverAll(Box &box, uint64_t step);
  void deliverMerged(const Message &message, uint64_t step);
  void post(unsigned worker, uint32_t core, std::span<Mail> to,
            std::span<const Fired> fired);
  Mail &mail(uint64_t step, unsigned from, unsigned to) {
    return mails[step & 1][from * owns.size() + to];
  }
  void collect(uint64_t step, size_t k, std::vector<Spike> &spikes) const;
  void countMerged() const;

  std::shared_ptr<const image::LoadedImage> image;
  Options options;
  const Kernels *kernels = nullptr;
  RowArena rows;
  /// Counters are dealt to the cores when they are asked for.
  mutable std::vector<CoreState> cores;
  std::vector<std::pair<uint64_t, uint32_t>> places; ///< chip, core -> index
  std::vector<unsigned> workerOf;                    ///< by core
  std::vector<Own> owns;                             ///< by worker
  std::vector<Mail> mails[2];
  std::vector<Mail> carried; ///< of the last step of the block that runs
  std::vector<Level> levels; ///< one: all cores go step by step
  std::vector<uint32_t> levelOf;
  std::vector<Staged> staged; ///< by sending worker; empty with one level
  /// By core: where slot s leads in the target's DenseBlock. Empty: nowhere.
  std::vector<std::vector<DenseBlock::Place>> placesOfSlots;
  std::vector<MergedRows> merged;    ///< by bucket()
  std::vector<size_t> mergedBuckets; ///< those that are not empty
  std::vector<uint32_t> firstSender; ///< by core: number of compartment 0
  std::vector<DenseBlock> dense;     ///< by core
  /// (core, row) -> sender; made when the host names such a row.
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> mergedSender;
  std::vector<Box> inbox;        ///< of the host, [step of the block][core]
  uint64_t interpreted = 0;      ///< compartments times steps
  bool native = false;           ///< machine code has been asked for
  size_t blockSteps = 0;         ///< of the block that runs
  bool hostKnown = false;        ///< it has host spikes for all steps
  size_t mostSteps = 1;          ///< a block may have
  std::vector<HostSpike> queued; ///< what send() holds
  std::vector<Spike> emitted;
  mutable std::optional<uint64_t> imageHash;
  uint64_t done = 0;
  std::unique_ptr<Workers> workers; // last: its threads end first
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_CORE_STEPEMULATOR_H

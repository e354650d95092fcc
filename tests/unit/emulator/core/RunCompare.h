//===- tests/unit/emulator/core/RunCompare.h --------------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs of an image in all ways, against the plainest engine.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TESTS_UNIT_EMULATOR_CORE_RUNCOMPARE_H
#define HILLOCK_TESTS_UNIT_EMULATOR_CORE_RUNCOMPARE_H

#include "emulator/core/kernels/Kernels.h"
#include "image/ProgramBuilder.h"
#include "tests/unit/emulator/core/PlainEmulator.h"
#include <gtest/gtest.h>

namespace hillock::test {

using emu::Emulator;
using emu::HostSpike;
using emu::Options;
using emu::Simd;
using emu::Spike;
using image::CoreTables;

/// Fires at 3000 with payload 1, falls back to 0; parameters are constants.
inline image::Program binaryProgram() {
  image::ProgramBuilder b("binary");
  auto v = b.add(b.state("v", 31), b.add(b.input(), b.constant(300)));
  auto spike = b.less(b.constant(3000), v);
  b.write("v", b.select(spike, b.constant(0), v));
  b.fire(spike, b.constant(1));
  return b.take();
}

inline void addRow(CoreTables &core, const std::vector<uint16_t> &targets,
                   const std::vector<int16_t> &weights, uint8_t delay) {
  core.rows.target.insert(core.rows.target.end(), targets.begin(),
                          targets.end());
  core.rows.mantissa.insert(core.rows.mantissa.end(), weights.begin(),
                            weights.end());
  core.rows.delay.insert(core.rows.delay.end(), targets.size(), delay);
  core.rows.format.push_back(0);
  core.rows.first.push_back(uint32_t(core.rows.target.size()));
  image::AxonIn axon;
  axon.firstRow = uint32_t(core.rows.format.size() - 1);
  core.axonsIn.push_back(axon);
}

/// The plain engine's run, and what it counted.
struct Expectation {
  std::vector<Spike> spikes;
  std::vector<std::vector<int32_t>> voltages, sums;
  uint64_t events = 0;
  std::vector<uint64_t> messages; ///< received, by core

  Expectation(const image::LoadedImage &image,
              const std::vector<std::vector<HostSpike>> &input)
      : messages(image.cores.size()) {
    PlainEmulator plain(image);
    for (const std::vector<HostSpike> &now : input) {
      for (const Spike &spike : plain.spikes) // of the step before
        for (uint32_t s = image.cores[spike.core].outFirst[spike.compartment];
             s < image.cores[spike.core].outFirst[spike.compartment + 1]; ++s)
          ++messages[image.cores[spike.core].axonsOut[s].core];
      for (const HostSpike &spike : now) {
        plain.deliver(spike.core, spike.axon, spike.atom, spike.payload);
        ++messages[spike.core];
      }
      plain.step();
      spikes.insert(spikes.end(), plain.spikes.begin(), plain.spikes.end());
    }
    events = plain.events - plain.lastEvents; // counted at delivery
    for (uint32_t c = 0; c < image.cores.size(); ++c) {
      voltages.emplace_back();
      sums.emplace_back();
      for (uint32_t n = 0; n < image.cores[c].compartments; ++n) {
        voltages[c].push_back(plain.states[c][n][0]);
        sums[c].push_back(plain.input(c, n, 0));
      }
    }
  }

  void compare(const Emulator &emulator, const std::vector<Spike> &got) const {
    EXPECT_EQ(got, spikes);
    uint64_t counted = 0;
    for (uint32_t c = 0; c < voltages.size(); ++c) {
      EXPECT_EQ(*emulator.read(c, "v"), voltages[c]);
      EXPECT_EQ(*emulator.read(c, "q"), sums[c]);
      EXPECT_EQ(emulator.counters(c).axonsIn, messages[c]) << "core " << c;
      counted += emulator.counters(c).synapticEvents;
    }
    EXPECT_EQ(counted, events);
  }
};

inline std::vector<Simd> widths() {
  std::vector<Simd> result;
  for (Simd simd : {Simd::Scalar, Simd::Avx2, Simd::Avx512}) {
    if (auto kernels = emu::findKernels(simd))
      result.push_back(simd);
    else
      llvm::consumeError(kernels.takeError());
  }
  return result;
}

inline std::unique_ptr<Emulator> make(std::shared_ptr<image::LoadedImage> image,
                                      Simd simd, unsigned threads) {
  Options options;
  options.simd = simd;
  options.threads = threads;
  auto emulator = Emulator::create(std::move(image), options);
  if (!emulator) {
    ADD_FAILURE() << takeText(emulator.takeError());
    return nullptr;
  }
  return std::move(*emulator);
}

/// All widths and numbers of threads, step by step and in blocks; returns the
/// number of spikes.
inline size_t compareRuns(const std::shared_ptr<image::LoadedImage> &image,
                          const std::vector<std::vector<HostSpike>> &input) {
  Expectation expected(*image, input);
  for (Simd simd : widths())
    for (unsigned threads : {1u, 2u, 3u}) {
      SCOPED_TRACE(std::string(emu::simdName(simd)) + ", threads " +
                   std::to_string(threads));
      auto emulator = make(image, simd, threads);
      if (!emulator)
        return 0;
      std::vector<Spike> got;
      for (const auto &spikes : input) {
        EXPECT_FALSE(bool(emulator->send(spikes)));
        emulator->step();
        got.insert(got.end(), emulator->spikes().begin(),
                   emulator->spikes().end());
      }
      expected.compare(*emulator, got);
      // The same at once, in pieces, and mixed with single steps.
      for (size_t piece : {input.size(), size_t(31), size_t(7)}) {
        emulator->reset();
        got.clear();
        std::span<const std::vector<HostSpike>> left = input;
        while (!left.empty()) {
          size_t steps = std::min(piece, left.size());
          EXPECT_FALSE(bool(emulator->run(left.first(steps), got)));
          left = left.subspan(steps);
          if (left.empty())
            break;
          EXPECT_FALSE(bool(emulator->send(left.front())));
          emulator->step();
          got.insert(got.end(), emulator->spikes().begin(),
                     emulator->spikes().end());
          left = left.subspan(1);
        }
        EXPECT_EQ(emulator->now(), input.size());
        expected.compare(*emulator, got);
      }
    }
  return expected.spikes.size();
}

} // namespace hillock::test

#endif // HILLOCK_TESTS_UNIT_EMULATOR_CORE_RUNCOMPARE_H

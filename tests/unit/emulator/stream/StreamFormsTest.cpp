//===- tests/unit/emulator/stream/StreamFormsTest.cpp ---------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The forms in which a streamed network runs: sums of 8, 16 and 32 bits, cores
// together and one by one. Whichever it is, a step is that of the plain loop
// here, or of the emulator that holds everything and interprets.
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/solver/Assemble.h"
#include "emulator/core/kernels/Kernels.h"
#include "emulator/stream/StreamLoader.h"
#include "image/ProgramBuilder.h"
#include "tests/unit/compiler/mapping/TestNetworks.h"
#include "tests/unit/emulator/stream/StreamImages.h"
#include <filesystem>
#include <gtest/gtest.h>
#include <numeric>

namespace hillock::emu {

namespace {

std::vector<Simd> simds() {
  std::vector<Simd> found;
  for (Simd simd : {Simd::Scalar, Simd::Avx2, Simd::Avx512})
    if (auto kernels = findKernels(simd))
      found.push_back(simd);
    else
      llvm::consumeError(kernels.takeError());
  return found;
}

/// Neurons, and synapses of each: \c weights take turns.
struct Shape {
  const char *name;
  uint32_t neurons, outputs, block;
  std::vector<int16_t> weights;
  unsigned bytes; ///< of the sums
};

constexpr int32_t threshold = 4096, bias = 41;

uint32_t targetOf(const Shape &shape, uint64_t i, uint64_t k) {
  const uint64_t h = H(31, i * shape.outputs + k) >> 11;
  return static_cast<uint32_t>(k % 4 ? (i / shape.block * shape.block) +
                                           h % shape.block
                                     : h % shape.neurons);
}
int16_t weightOf(const Shape &shape, uint32_t k) {
  return shape.weights[k % shape.weights.size()];
}
int32_t startOf(uint64_t i) {
  return static_cast<int32_t>((H(32, i) >> 11) % threshold);
}

class Rows : public mapping::Connectivity {
public:
  explicit Rows(const Shape &shape) : shape(shape) {}
  void append(uint32_t source,
              std::vector<mapping::Synapse> &synapses) const override {
    const auto first = static_cast<ptrdiff_t>(synapses.size());
    for (uint32_t k = 0; k < shape.outputs; ++k)
      synapses.push_back({targetOf(shape, source, k), weightOf(shape, k), 0});
    std::sort(synapses.begin() + first, synapses.end());
  }

private:
  const Shape &shape;
};

image::Program program() {
  image::ProgramBuilder b("if");
  const auto v = b.state("v", 31);
  const auto x =
      b.add(b.add(v, b.constant(bias)), b.shr(b.input(), b.constant(6)));
  const auto fires = b.lessEqual(b.constant(threshold), x);
  b.write("v", b.select(fires, b.constant(0), x));
  b.fire(fires, b.constant(1));
  return b.take();
}

/// Writes the image of \p shape, a block a core, and says where.
std::string write(const Shape &shape) {
  mapping::Network network;
  network.name = shape.name;
  mapping::Population population;
  population.name = "neurons";
  population.shape = {shape.neurons};
  population.program = "if";
  for (uint32_t i = 0; i < shape.neurons; ++i)
    population.initial["v"].push_back(startOf(i));
  network.populations = {population};
  network.projections.resize(1);
  network.projections[0].connectivity = std::make_shared<Rows>(shape);
  network.outputs = {{"neurons", 0}};
  mapping::MapOptions options;
  options.neuronsPerCore = shape.block;
  const std::string path = fileOf(shape.name);
  auto mapped = mapping::mapToFile(
      network, llvm::cantFail(target::findTarget("manycore")), {program()},
      options, path);
  EXPECT_TRUE(bool(mapped))
      << shape.name << ": " << takeText(mapped.takeError());
  return path;
}

/// How often each neuron fires.
std::vector<uint32_t> byHand(const Shape &shape, int steps) {
  std::vector<int32_t> v(shape.neurons), sum(shape.neurons);
  std::vector<uint32_t> spikes(shape.neurons), now;
  for (uint32_t i = 0; i < shape.neurons; ++i)
    v[i] = startOf(i);
  for (int t = 0; t < steps; ++t) {
    now.clear();
    for (uint32_t i = 0; i < shape.neurons; ++i) {
      v[i] += bias + sum[i];
      if (v[i] >= threshold) {
        v[i] = 0;
        now.push_back(i);
        ++spikes[i];
      }
    }
    std::fill(sum.begin(), sum.end(), 0);
    for (uint32_t i : now)
      for (uint32_t k = 0; k < shape.outputs; ++k)
        sum[targetOf(shape, i, k)] += weightOf(shape, k);
  }
  return spikes;
}

/// The narrowest sums that the network of \p shape needs, from its definition.
unsigned bytesNeeded(const Shape &shape) {
  std::vector<int64_t> most(shape.neurons);
  int unit = 0;
  for (int16_t weight : shape.weights)
    unit = std::gcd(unit, weight);
  unit &= -unit; // a power of two
  for (uint32_t i = 0; i < shape.neurons; ++i)
    for (uint32_t k = 0; k < shape.outputs; ++k)
      most[targetOf(shape, i, k)] += std::abs(weightOf(shape, k)) / unit;
  const int64_t largest = *std::max_element(most.begin(), most.end());
  return largest <= 127 ? 1 : largest <= 32767 ? 2 : 4;
}

const std::vector<Shape> &shapes() {
  // Many weights: rows that name the weight of each synapse.
  std::vector<int16_t> many;
  for (int k = 0; k < 48; ++k)
    many.push_back(static_cast<int16_t>(k % 2 ? 58 - 6 * k : 254 - 4 * k));
  static const std::vector<Shape> all = {
      {"bytes", 4096, 64, 256, {4, -4}, 1},
      {"full_bytes", 2048, 40, 128, {6, -2, -4, 2}, 1},
      {"words", 4096, 64, 256, {10, -8, 4, -6}, 2},
      {"ragged", 3000, 48, 250, {96, -96, 64, -64}, 2}, // cores are padded
      {"long", 1024, 512, 128, {254, -254, 252, -252}, 4},
      {"mixed", 2048, 48, 256, many, 2},
      {"mixed_long", 1024, 480, 128, many, 4}};
  return all;
}

} // namespace

TEST(StreamForms, SumsAsNarrowAsTheyMayBe) {
  const auto bytes = [](uint64_t largest, uint32_t shift) {
    const SumFormat format = SumFormat::holding(largest, shift);
    EXPECT_EQ(format.shift, format.bytes == 4 ? 0 : shift);
    return format.bytes;
  };
  EXPECT_EQ(bytes(0, 0), 1u);
  EXPECT_EQ(bytes(127, 0), 1u);
  EXPECT_EQ(bytes(128, 0), 2u);
  EXPECT_EQ(bytes(127 << 8, 8), 1u);
  EXPECT_EQ(bytes(128 << 8, 8), 2u);
  EXPECT_EQ(bytes(32767, 0), 2u);
  EXPECT_EQ(bytes(32768, 0), 4u);
  EXPECT_EQ(bytes(uint64_t{32768} << 6, 6), 4u);
}

TEST(StreamForms, RingsReadWhatWasWritten) {
  constexpr uint32_t lanes = 176, slots = 4;
  const auto value = [](uint32_t slot, uint32_t lane, int bits) {
    return static_cast<int32_t>(H(slot, lane)) >> (32 - bits);
  };
  for (Simd simd : simds())
    for (unsigned bytes : {1u, 2u}) {
      SumRing ring(lanes, slots, {bytes, 3});
      for (uint32_t s = 0; s < slots; ++s)
        for (uint32_t i = 0; i < lanes; ++i)
          if (bytes == 1)
            ring.slot<int8_t>(s)[i] = static_cast<int8_t>(value(s, i, 8));
          else
            ring.slot<int16_t>(s)[i] = static_cast<int16_t>(value(s, i, 16));
      const auto expectValues = [&](const char *when) {
        LaneArray room(lanes);
        for (uint32_t s = 0; s < slots; ++s) {
          const int32_t *sums =
              ring.read(s, 16, lanes - 16, *llvm::cantFail(findKernels(simd)),
                        room.data());
          for (uint32_t i = 16; i < lanes; ++i)
            ASSERT_EQ(sums[i - 16], value(s, i, int(bytes) * 8) * 8)
                << when << ", slot " << s << ", lane " << i;
        }
      };
      expectValues("narrow");
      ring.makeWide();
      EXPECT_EQ(ring.format().bytes, 4u);
      expectValues("wide");
      ring.clear(1);
      EXPECT_EQ(ring.slot<int32_t>(1)[5], 0);
      EXPECT_EQ(ring.slot<int32_t>(2)[5], value(2, 5, int(bytes) * 8) * 8);
    }
}

/// The bound is that of the definition, so the format is.
TEST(StreamForms, LargestSums) {
  for (const Shape &shape : shapes()) {
    EXPECT_EQ(bytesNeeded(shape), shape.bytes) << shape.name;
    const std::string path = write(shape);
    auto reader = llvm::cantFail(image::ImageReader::open(path));
    StreamTables tables;
    ASSERT_EQ(takeText(loadStream(reader, kernelsScalar, 1, tables)), "");
    const uint32_t shift = tables.kinds.commonShift();
    const uint64_t largest = tables.workers[0].fanOut.largestSum(
        tables.workers[0].lanes, tables.kinds, uint64_t{INT16_MAX} << shift);
    EXPECT_EQ(SumFormat::holding(largest, shift).bytes, shape.bytes)
        << shape.name << ": " << largest << " >> " << shift;
    std::filesystem::remove(path);
  }
}

TEST(StreamForms, SpikesOfAPlainLoop) {
  constexpr int steps = 60;
  for (const Shape &shape : shapes()) {
    const std::string path = write(shape);
    const auto image = llvm::cantFail(image::readImage(path));
    const proto::Population &placed = image.debug().population(0);
    std::map<std::pair<uint32_t, uint32_t>, uint32_t> neuronAt;
    for (uint32_t n = 0; n < shape.neurons; ++n)
      neuronAt[{placed.core(int(n)), placed.compartment(int(n))}] = n;
    const std::vector<uint32_t> expected = byHand(shape, steps);
    ASSERT_GT(std::accumulate(expected.begin(), expected.end(), 0u), 100u);
    for (Simd simd : simds())
      for (const bool native : {false, true}) {
        const auto emulator = streamed(path, 1 + native, native, simd);
        std::vector<uint32_t> spikes(shape.neurons);
        for (int t = 0; t < steps; ++t) {
          emulator->step();
          EXPECT_TRUE(std::is_sorted(emulator->spikes().begin(),
                                     emulator->spikes().end()));
          for (const Spike &spike : emulator->spikes())
            ++spikes[neuronAt.at({spike.core, spike.compartment})];
        }
        EXPECT_EQ(spikes, expected)
            << shape.name << ", " << simdName(simd) << ", native " << native;
      }
    std::filesystem::remove(path);
  }
}

// Single synapses of several weights and delays, as lists by kind and strewn.
TEST(StreamForms, FarAndStrewnAddTheSame) {
  constexpr uint32_t lanes = 4096, senders = 50, slots = 8;
  for (const bool strewn : {false, true})
    for (unsigned bytes : {1u, 2u, 4u}) {
      CounterRandom random(34, bytes);
      SynapseKinds kinds;
      FanOut fanOut;
      std::vector<std::vector<int32_t>> expected(slots,
                                                 std::vector<int32_t>(lanes));
      std::vector<uint64_t> magnitudes(lanes);
      fanOut.begin(senders);
      std::vector<FanOut::Sender> all;
      for (uint32_t s = 0; s < senders; ++s) {
        std::vector<std::pair<uint32_t, uint32_t>> singles;
        std::vector<uint16_t> words;
        const int32_t payload = bytes == 4 ? int32_t(random.below(7)) - 3 : 1;
        for (uint64_t k = random.below(40); k > 0; --k) {
          const SynapseKinds::Kind kind{int32_t(random.below(7) * 4) - 12,
                                        uint32_t(random.below(slots))};
          const auto lane = uint32_t(random.below(lanes));
          singles.emplace_back(kinds.find(kind), lane);
          expected[kind.delay][lane] += kind.value * payload;
          magnitudes[lane] += uint64_t(std::abs(kind.value));
        }
        appendFar(singles, words, strewn);
        ASSERT_TRUE(fanOut.add(words));
        all.push_back({s, payload});
      }
      ASSERT_EQ(kinds.commonShift(), 2u);
      EXPECT_EQ(fanOut.largestSum(lanes, kinds, UINT32_MAX),
                *std::max_element(magnitudes.begin(), magnitudes.end()));
      const uint32_t shift = bytes == 4 ? 0 : 2;
      SumRing ring(lanes, slots, {bytes, shift});
      fanOut.deliver(all, 16, ring, kinds);
      LaneArray room(lanes);
      for (uint32_t slot = 0; slot < slots; ++slot) {
        const int32_t *sums =
            ring.read(16 + slot, 0, lanes, kernelsScalar, room.data());
        EXPECT_TRUE(
            std::equal(expected[slot].begin(), expected[slot].end(), sums))
            << strewn << ", " << bytes << " bytes, delay " << slot;
      }
    }
}

namespace {

/// What the host does in a step; \p plain: a spike an axon at most.
void disturb(Emulator &emulator, const proto::Image &image,
             CounterRandom random, bool plain) {
  std::vector<HostSpike> spikes;
  for (const proto::Port &port : image.io().input())
    for (int i = 0; i < port.core_size(); ++i)
      if (random.bernoulli(0.3))
        spikes.push_back({port.core(i), port.index(i), port.atom(i),
                          plain || random.bernoulli(0.9) ? 1 : -3});
  if (!plain && !spikes.empty())
    spikes.push_back(spikes.front());
  ASSERT_EQ(takeText(emulator.send(spikes)), "");
  if (random.bernoulli(0.3)) {
    const auto core =
        static_cast<uint32_t>(random.next() % uint64_t(image.core_size()));
    ASSERT_EQ(takeText(emulator.inject(core, 0, 0, 700)), "");
  }
}

} // namespace

// Every neuron model, delays, populations of atoms; injected values and spikes
// that come twice, after which the sums go on in 32 bits.
TEST(StreamForms, RandomNetworksAsAWhole) {
  for (uint64_t seed = 100; seed < 140; ++seed) {
    const std::string path = fileOf("random");
    llvm::cantFail(mapping::mapToFile(
        mapping::test::randomNetwork(seed), mapping::test::loihi(),
        mapping::test::programs(), mapping::MapOptions(), path));
    const auto image = llvm::cantFail(image::readImage(path));
    const auto one = whole(path), other = streamed(path, 1 + seed % 3, true);
    for (int t = 0; t < 40; ++t) {
      const bool plain = seed % 2 || t < 20;
      disturb(*one, image, CounterRandom(seed, uint64_t(t)), plain);
      disturb(*other, image, CounterRandom(seed, uint64_t(t)), plain);
      one->step();
      other->step();
      ASSERT_TRUE(std::equal(one->spikes().begin(), one->spikes().end(),
                             other->spikes().begin(), other->spikes().end()))
          << "seed " << seed << ", step " << t;
      for (uint32_t c = 0; c < uint32_t(image.core_size()); ++c)
        ASSERT_EQ(llvm::cantFail(one->read(c, "q")),
                  llvm::cantFail(other->read(c, "q")))
            << "seed " << seed << ", step " << t << ", core " << c;
    }
    std::filesystem::remove(path);
  }
}

// A core with injected values leaves its group for two steps; cores of 250
// neurons, which are padded, have no group.
TEST(StreamForms, InjectedValuesAmongCoresThatGoTogether) {
  for (const Shape &shape : {shapes()[2], shapes()[3]}) {
    SCOPED_TRACE(shape.name);
    const std::string path = write(shape);
    const auto one = whole(path), other = streamed(path, 2, true);
    for (int round = 0; round < 2; ++round) {
      for (uint32_t t = 0; t < 40; ++t) {
        const auto core = static_cast<uint32_t>(
            H(33, t) % ((shape.neurons + shape.block - 1) / shape.block));
        for (Emulator *emulator : {one.get(), other.get()}) {
          if (t % 4 != 3)
            ASSERT_EQ(takeText(emulator->inject(core, t, 0, 64 * 2000)), "");
          emulator->step();
        }
        ASSERT_TRUE(std::equal(one->spikes().begin(), one->spikes().end(),
                               other->spikes().begin(), other->spikes().end()))
            << "step " << t;
        for (const char *state : {"v", "q"})
          ASSERT_EQ(llvm::cantFail(one->read(core, state)),
                    llvm::cantFail(other->read(core, state)))
              << state << ", step " << t;
      }
      one->reset();
      other->reset();
    }
    std::filesystem::remove(path);
  }
}

} // namespace hillock::emu

//===- tests/unit/compiler/mapping/MutationTest.cpp -----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tests of the checkers. Words of images and tables of mappings are damaged at
// random; whatever changes the meaning must be caught. What the meaning is,
// is decided by an expansion of the image that shares no code with the
// checkers.
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/check/Compare.h"
#include "compiler/mapping/problem/PartitionProblem.h"
#include "compiler/mapping/solver/Assemble.h"
#include "compiler/mapping/solver/Map.h"
#include "tests/unit/compiler/mapping/TestNetworks.h"
#include <functional>
#include <gtest/gtest.h>
#include <set>

namespace hillock::mapping::test {

namespace {

/// All that an image does, as a sorted table of numbers by description.
using Meaning = std::map<std::string, int64_t>;

void addFields(const std::string &who, const image::CoreTables &core,
               uint32_t k, Meaning &meaning) {
  const auto add = [&](const std::string &name, int64_t value) {
    if (value != 0)
      meaning[who + " " + name] = value;
  };
  for (const auto *set :
       {&core.compartmentProfiles[core.profileOf[k]],
        &core.thresholdProfiles[core.thresholdOf[k]], &core.config})
    for (const auto &[name, value] : *set)
      if (name != "delay_bits" && name != "compartments")
        add(name, value);
  for (const auto *lists : {&core.compartmentFields, &core.initialState})
    for (const auto &[name, values] : *lists)
      add(name, values[k]);
  meaning[who + " program"] = core.program + 1;
}

void addAxon(const std::string &who, const image::LoadedImage &image,
             uint32_t core, uint32_t axon, uint32_t atom, Meaning &meaning) {
  const image::CoreTables &tables = image.cores[core];
  const image::AxonIn &in = tables.axonsIn.at(axon);
  const uint32_t row = in.firstRow + atom;
  const image::SynapseFormat &format = tables.formats[tables.rows.format[row]];
  for (uint32_t s = tables.rows.first[row]; s < tables.rows.first[row + 1]; ++s)
    if (tables.rows.mantissa[s] != 0)
      meaning[who + " -> " + std::to_string(core) + "/" +
              std::to_string(in.cxBase + tables.rows.target[s]) + " delay " +
              std::to_string(tables.rows.delayOf(s)) +
              (format.exponentOnSum ? " on sum" : "")] +=
          tables.rows.mantissa[s] * (int64_t{1} << (8 + format.weightExp));
}

/// Compartments that hold a neuron; the others are neither read nor heard.
std::set<std::pair<uint32_t, uint32_t>> inUse(const image::LoadedImage &image) {
  std::set<std::pair<uint32_t, uint32_t>> used;
  for (const proto::Population &p : image.proto.debug().population())
    for (int n = 0; n < p.core_size(); ++n)
      used.insert({p.core(n), p.compartment(n)});
  return used;
}

Meaning meaningOf(const image::LoadedImage &image) {
  Meaning meaning;
  const auto used = inUse(image);
  for (uint32_t c = 0; c < image.cores.size(); ++c) {
    const image::CoreTables &core = image.cores[c];
    for (uint32_t k = 0; k < core.compartments; ++k) {
      const std::string who = std::to_string(c) + "/" + std::to_string(k);
      if (used.count({c, k}))
        addFields(who, core, k, meaning);
      for (uint32_t s = core.outFirst[k]; s < core.outFirst[k + 1]; ++s)
        for (uint32_t to = 0; to < image.cores.size(); ++to)
          if (image.cores[to].chip == core.axonsOut[s].chip &&
              image.cores[to].core == core.axonsOut[s].core)
            addAxon(who, image, to, core.axonsOut[s].axon,
                    core.axonsOut[s].atom, meaning);
    }
  }
  for (const proto::Port &port : image.proto.io().input())
    for (int n = 0; n + 1 < port.first_size(); ++n)
      for (uint32_t e = port.first(n); e < port.first(n + 1); ++e)
        addAxon(port.name() + " " + std::to_string(n), image,
                port.core(static_cast<int>(e)), port.index(static_cast<int>(e)),
                port.atom(static_cast<int>(e)), meaning);
  for (const proto::Port &port : image.proto.io().output())
    for (int n = 0; n < port.core_size(); ++n)
      meaning["output " + port.name() + " " + std::to_string(n)] =
          (int64_t{port.core(n)} << 32) + port.index(n);
  // A synapse may cancel another.
  std::erase_if(meaning, [](const auto &entry) { return entry.second == 0; });
  return meaning;
}

/// A network, its mapping and its image.
struct Subject {
  Network network;
  Mapping mapping;
  proto::Image image;
};

Subject subject(Network network) {
  Subject s;
  s.network = std::move(network);
  s.mapping = llvm::cantFail(map(s.network, loihi()));
  s.image = llvm::cantFail(assemble(s.network, s.mapping, loihi(), programs()));
  return s;
}

struct Score {
  unsigned mutations = 0, caught = 0, harmless = 0, missed = 0;
};

/// Judges one damaged image.
void judge(const Subject &s, const proto::Image &damaged,
           const std::string &what, Score &score) {
  ++score.mutations;
  auto loaded = image::load(damaged, "damaged");
  if (!loaded) {
    llvm::consumeError(loaded.takeError());
    ++score.caught;
    return;
  }
  if (!takeText(compare(s.network, *loaded)).empty()) {
    ++score.caught;
    return;
  }
  const auto good = llvm::cantFail(image::load(s.image, "good"));
  if (meaningOf(*loaded) == meaningOf(good)) {
    ++score.harmless;
    return;
  }
  ++score.missed;
  ADD_FAILURE() << s.network.name << ": missed " << what;
}

void report(const char *name, const Score &score) {
  std::printf("%s: %u mutations, %u caught, %u without effect, %u missed\n",
              name, score.mutations, score.caught, score.harmless,
              score.missed);
  EXPECT_EQ(score.missed, 0u);
  EXPECT_GT(score.caught, score.mutations / 2);
}

std::vector<Subject> subjects() {
  std::vector<Subject> list;
  list.push_back(subject(braille()));
  for (uint64_t seed : {2, 5, 9, 14, 23, 31, 40})
    list.push_back(subject(randomNetwork(seed)));
  return list;
}

uint32_t below(CounterRandom &random, uint64_t bound) {
  return static_cast<uint32_t>(random.below(bound));
}

} // namespace

TEST(Mutation, BitsOfWords) {
  CounterRandom random(1);
  Score all;
  for (const Subject &s : subjects())
    for (int i = 0; i < 200; ++i) {
      proto::Image damaged = s.image;
      const auto c = static_cast<int>(random.below(damaged.core_size()));
      proto::Core &core = *damaged.mutable_core(c);
      auto &memory = *core.mutable_memory(
          static_cast<int>(random.below(core.memory_size())));
      std::string &data = *memory.mutable_data();
      const uint32_t bit = below(random, 8 * data.size());
      data[bit / 8] = static_cast<char>(data[bit / 8] ^ (1 << bit % 8));
      judge(s, damaged,
            "bit " + std::to_string(bit) + " of memory " +
                proto::Role_Name(memory.role()) + " of core " +
                std::to_string(c),
            all);
    }
  report("image words", all);
}

TEST(Mutation, PortsAndPlaces) {
  CounterRandom random(2);
  Score score;
  const auto change = [&](auto &list) {
    if (list.empty())
      return;
    uint32_t &value = list[static_cast<int>(random.below(list.size()))];
    value = random.bernoulli(0.5) ? value + 1 : below(random, value + 1);
  };
  for (const Subject &s : subjects())
    for (int i = 0; i < 100; ++i) {
      proto::Image damaged = s.image;
      const bool input = random.bernoulli(0.5);
      proto::Port &port = input ? *damaged.mutable_io()->mutable_input(0)
                                : *damaged.mutable_io()->mutable_output(0);
      const uint32_t kind = below(random, 5);
      if (kind == 0)
        change(*port.mutable_first());
      else if (kind == 1)
        change(*port.mutable_core());
      else if (kind == 2)
        change(*port.mutable_index());
      else if (kind == 3)
        change(*port.mutable_atom());
      else
        damaged
            .mutable_core(static_cast<int>(random.below(damaged.core_size())))
            ->set_core(below(random, 128));
      judge(s, damaged, "list " + std::to_string(kind), score);
    }
  report("ports and places", score);
}

namespace {

using Damage = std::function<void(Mapping &, CounterRandom &)>;

image::CoreTables &anyCore(Mapping &mapping, CounterRandom &random) {
  return mapping.cores[random.below(mapping.cores.size())];
}

template <typename List> auto &any(List &list, CounterRandom &random) {
  return list[random.below(list.size())];
}

/// Small errors of the kind that a mapper could make.
const std::vector<std::pair<const char *, Damage>> &damages() {
  static const std::vector<std::pair<const char *, Damage>> list = {
      {"two neurons exchanged",
       [](Mapping &m, CounterRandom &r) {
         auto &p = m.populations.back();
         if (p.compartment.size() > 1)
           std::swap(any(p.compartment, r), any(p.compartment, r));
       }},
      {"compartment of a neuron",
       [](Mapping &m, CounterRandom &r) {
         any(m.populations.back().compartment, r) = below(r, 64);
       }},
      {"core of a neuron",
       [](Mapping &m, CounterRandom &r) {
         any(m.populations.back().core, r) = below(r, m.cores.size() + 1);
       }},
      {"place of a core",
       [](Mapping &m, CounterRandom &r) {
         anyCore(m, r).core = below(r, 129);
       }},
      {"axon of a slot",
       [](Mapping &m, CounterRandom &r) {
         auto &core = anyCore(m, r);
         if (!core.axonsOut.empty())
           any(core.axonsOut, r).axon = static_cast<uint16_t>(below(r, 64));
       }},
      {"atom of a slot",
       [](Mapping &m, CounterRandom &r) {
         auto &core = anyCore(m, r);
         if (!core.axonsOut.empty())
           any(core.axonsOut, r).atom = static_cast<uint16_t>(below(r, 4));
       }},
      {"a slot lost",
       [](Mapping &m, CounterRandom &r) {
         auto &core = anyCore(m, r);
         const uint32_t k = below(r, core.compartments);
         if (core.outFirst[k] == core.outFirst[k + 1])
           return;
         core.axonsOut.erase(core.axonsOut.begin() + core.outFirst[k]);
         for (uint32_t i = k + 1; i < core.outFirst.size(); ++i)
           --core.outFirst[i];
       }},
      {"rows of an axon",
       [](Mapping &m, CounterRandom &r) {
         auto &core = anyCore(m, r);
         if (!core.axonsIn.empty())
           any(core.axonsIn, r).firstRow = below(r, core.rows.rows());
       }},
      {"base of an axon",
       [](Mapping &m, CounterRandom &r) {
         auto &core = anyCore(m, r);
         if (!core.axonsIn.empty())
           any(core.axonsIn, r).cxBase = static_cast<uint16_t>(4 * below(r, 8));
       }},
      {"a weight",
       [](Mapping &m, CounterRandom &r) {
         auto &core = anyCore(m, r);
         if (!core.rows.mantissa.empty())
           any(core.rows.mantissa, r) = static_cast<int16_t>(2 * below(r, 128));
       }},
      {"a target",
       [](Mapping &m, CounterRandom &r) {
         auto &core = anyCore(m, r);
         if (!core.rows.target.empty())
           any(core.rows.target, r) = static_cast<uint16_t>(below(r, 64));
       }},
      {"a delay",
       [](Mapping &m, CounterRandom &r) {
         auto &core = anyCore(m, r);
         if (!core.rows.delay.empty())
           any(core.rows.delay, r) = static_cast<uint8_t>(below(r, 16));
       }},
      {"a format",
       [](Mapping &m, CounterRandom &r) {
         auto &core = anyCore(m, r);
         if (!core.formats.empty())
           any(core.formats, r).weightExp = static_cast<int8_t>(below(r, 4));
       }},
      {"a profile",
       [](Mapping &m, CounterRandom &r) {
         auto &core = anyCore(m, r);
         any(core.thresholdOf, r) = static_cast<uint8_t>(below(r, 4));
       }},
      {"a parameter",
       [](Mapping &m, CounterRandom &r) {
         any(anyCore(m, r).compartmentProfiles, r)["decay_v"] = below(r, 4096);
       }},
      {"the configuration",
       [](Mapping &m, CounterRandom &r) {
         auto &core = anyCore(m, r);
         core.config[r.bernoulli(0.5) ? "delay_bits" : "neg_vm_limit"] =
             below(r, 8);
       }},
  };
  return list;
}

} // namespace

TEST(Mutation, TablesOfMappings) {
  CounterRandom random(3);
  Score score;
  unsigned byVerify = 0;
  for (const Subject &s : subjects())
    for (const auto &[name, damage] : damages())
      for (int i = 0; i < 25; ++i) {
        Mapping damaged = s.mapping;
        damage(damaged, random);
        if (damaged.cores == s.mapping.cores &&
            damaged.populations.back().core ==
                s.mapping.populations.back().core &&
            damaged.populations.back().compartment ==
                s.mapping.populations.back().compartment)
          continue; // the old value by chance
        const PartitionProblem problem(s.network, loihi());
        if (!takeText(problem.verify(damaged)).empty()) {
          ++score.mutations, ++score.caught, ++byVerify;
          continue;
        }
        auto image = assemble(s.network, damaged, loihi(), programs());
        if (!image) {
          llvm::consumeError(image.takeError());
          ++score.mutations, ++score.caught;
          continue;
        }
        judge(s, *image, name, score);
      }
  std::printf("verify() alone caught %u\n", byVerify);
  report("mapping tables", score);
}

// Limits that verify() finds without the image's packer.
TEST(Mutation, ExceededMemories) {
  const Subject s = subject(braille());
  const PartitionProblem problem(s.network, loihi());
  const auto text = [&](const auto &change) {
    Mapping mapping = s.mapping;
    change(mapping.cores[0]);
    return takeText(problem.verify(mapping));
  };
  EXPECT_NE(text([](image::CoreTables &core) {
              core.axonsIn.resize(4097, core.axonsIn[0]);
            }).find("4,097 words, 1 more than 4,096"),
            std::string::npos);
  EXPECT_NE(text([](image::CoreTables &core) {
              core.thresholdProfiles.resize(9, core.thresholdProfiles[0]);
            }).find("9 words, 1 more than 8"),
            std::string::npos);
  EXPECT_NE(text([](image::CoreTables &core) {
              core.formats.resize(8, core.formats[0]);
            }).find("8 words, 1 more than 7"),
            std::string::npos);
  EXPECT_NE(text([](image::CoreTables &core) {
              core.axonsOut.resize(4097, core.axonsOut[0]);
              core.outFirst.back() = 4097;
            }).find("memory 'axon_out'"),
            std::string::npos);
  EXPECT_NE(text([](image::CoreTables &core) {
              core.config["delay_bits"] = 8;
            }).find("accumulator words"),
            std::string::npos);
  EXPECT_NE(text([](image::CoreTables &core) {
              core.compartments = 1025;
            }).find("1,025 words, 1 more than 1,024"),
            std::string::npos);
}

} // namespace hillock::mapping::test

//===- tests/unit/image/PackTest.cpp --------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "image/Pack.h"
#include "tests/unit/image/Support.h"

using namespace hillock;
using namespace hillock::image;
using testing::AllOf;
using testing::HasSubstr;

namespace {

std::vector<uint64_t> wordsOf(const proto::Core &core, proto::Role role,
                              size_t wordBytes) {
  std::vector<uint64_t> words;
  for (const proto::MemoryWords &memory : core.memory())
    if (memory.role() == role)
      for (size_t at = 0; at < memory.data().size(); at += wordBytes) {
        uint64_t word = 0;
        for (size_t i = 0; i < wordBytes; ++i)
          word |= uint64_t{static_cast<unsigned char>(memory.data()[at + i])}
                  << (8 * i);
        words.push_back(word);
      }
  return words;
}

using Words = std::vector<uint64_t>;

} // namespace

// 440 values made by nengo-loihi's SynapseConfig.bits_per_axon.
TEST(RowBits, AgreesWithNengoLoihi) {
  const auto json = data("loihi/loihi_golden_nengo_functions.json");
  if (json.is_null())
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  const target::TargetModel loihi = builtin("loihi");
  const auto &packing = loihi.proto().synapse_packing();
  const auto &cases = json["functions"]["bits_per_axon"];
  ASSERT_EQ(cases.size(), 440u);
  for (const auto &row : cases) {
    SynapseFormat f;
    f.compression = static_cast<Compression>(row["compression"].get<int>());
    f.indexBits = static_cast<uint8_t>(
        packing.index_bits_of_code(row["idx_bits_field"].get<int>()));
    f.weightBits = static_cast<uint8_t>(
        packing.weight_bits_of_code(row["weight_bits_field"].get<int>()));
    EXPECT_EQ(rowBits(f, row["n_weights"].get<uint64_t>(), loihi),
              row["bits"].get<uint64_t>())
        << row;
  }
}

// Computed by hand from bits_per_axon: 10 + 64 * 8 = 522 -> 576 bits.
TEST(RowBits, ByHand) {
  const target::TargetModel loihi = builtin("loihi");
  SynapseFormat f;
  f.compression = Compression::Dense;
  EXPECT_EQ(rowBits(f, 64, loihi), 576u);
  EXPECT_EQ(rowBits(f, 65, loihi), 576u + 64u);
  EXPECT_EQ(rowBits(f, 62, loihi), 512u); // 506 fit
  f.weightBits = 4;
  f.delayBits = 6;
  EXPECT_EQ(rowBits(f, 10, loihi), 128u); // 110
  EXPECT_EQ(rowBits(f, 0, loihi), 0u);
}

// Ranges: Lava's and brian2_loihi's weight documentation; nengo-loihi.
TEST(Mantissa, Ranges) {
  SynapseFormat f;
  EXPECT_EQ(f.shiftBits(), 1);
  EXPECT_EQ(f.minMantissa(), -256);
  EXPECT_EQ(f.maxMantissa(), 254);
  f.sign = SignMode::Excitatory;
  EXPECT_EQ(f.minMantissa(), 0);
  EXPECT_EQ(f.maxMantissa(), 255);
  f.sign = SignMode::Inhibitory;
  EXPECT_EQ(f.minMantissa(), -255);
  EXPECT_EQ(f.maxMantissa(), 0);
  f.sign = SignMode::Mixed;
  f.weightBits = 4; // k * 32, k = -8..7
  EXPECT_EQ(f.shiftBits(), 5);
  EXPECT_EQ(f.minMantissa(), -256);
  EXPECT_EQ(f.maxMantissa(), 224);
  f.weightBits = 1;
  EXPECT_EQ(f.minMantissa(), -256);
  EXPECT_EQ(f.maxMantissa(), 0);
}

// All words of a small core, by hand from backends/targets/loihi.textproto.
TEST(Pack, WordsByHand) {
  const target::TargetModel loihi = builtin("loihi");
  CoreTables t = smallTables();
  t.compartmentFields["bias_mant"] = {0, -1};
  t.initialState["v"] = {5, -1};
  const proto::Core core = take(pack(t, loihi));
  // bias_mant at 0, bias_exp at 13, cx_profile 16, vth_profile 21, out_first
  // 25, out_count 37.
  EXPECT_EQ(wordsOf(core, proto::COMPARTMENT, 8),
            (Words{uint64_t{1} << 37,
                   0x1fff | uint64_t{1} << 25 | uint64_t{1} << 37}));
  EXPECT_EQ(wordsOf(core, proto::COMPARTMENT_STATE, 8),
            (Words{uint64_t{5} << 24, uint64_t{0xffffff} << 24}));
  EXPECT_EQ(wordsOf(core, proto::COMPARTMENT_PROFILE, 4), (Words{4095}));
  EXPECT_EQ(wordsOf(core, proto::THRESHOLD_PROFILE, 4), (Words{100}));
  // weight_bits code 7, exp 0 at 3, fanout 1 at 7, compression at 9, index
  // code 5 at 11, num_synapses 63 at 20; format 0 is reserved.
  EXPECT_EQ(wordsOf(core, proto::SYNAPSE_FORMAT, 4),
            (Words{0, 7 | 1 << 7 | 5 << 11 | 63 << 20}));
  // Format 1, count 2 - 1; (0, -4 >> 1 = 0xfe), (1, 254 >> 1 = 0x7f).
  EXPECT_EQ(wordsOf(core, proto::SYNAPSE, 8),
            (Words{1 | 1 << 4 | uint64_t{0xfe} << 20 | uint64_t{1} << 28 |
                   uint64_t{0x7f} << 38}));
  EXPECT_EQ(wordsOf(core, proto::AXON_IN, 8), (Words{uint64_t{1} << 16}));
  EXPECT_EQ(wordsOf(core, proto::AXON_OUT, 8), (Words{0, 0}));
  // compartments 2, pos 7 at 11, neg 23 at 14, ds at 19, delay_bits 3 at 21.
  EXPECT_EQ(wordsOf(core, proto::CORE_CONFIG, 8),
            (Words{2 | 7 << 11 | 23 << 14 | 1 << 19 | 3 << 21}));
}

// A pop32 axon takes two slots, its second word is type 3 and nothing else;
// the first compartment is stored divided by 4.
TEST(Pack, Populations) {
  const target::TargetModel loihi = builtin("loihi");
  CoreTables t = smallTables();
  t.compartments = 6;
  t.profileOf.assign(6, 0);
  t.thresholdOf.assign(6, 0);
  t.rows.first = {0, 2, 4};
  t.rows.format = {0, 0};
  t.rows.target = {0, 1, 1, 0};
  t.rows.mantissa = {2, 4, 6, 8};
  t.axonsIn = {{AxonType::Pop32, 0, 2, 4}, {AxonType::Discrete, 1, 1, 3}};
  t.axonsOut = {{AxonType::Pop32, 1, 2, 3, 4}, {AxonType::Pop16, 0, 0, 0, 31}};
  t.outFirst = {0, 0, 2, 2, 2, 2, 2};
  const proto::Core core = take(pack(t, loihi));
  // type 2, length 2 - 1 at 16, rows 2 - 1 at 28, base 4/4 at 38; pointer at 2.
  EXPECT_EQ(wordsOf(core, proto::AXON_IN, 8),
            (Words{2 | 1 << 16 | 1 << 28 | uint64_t{1} << 38,
                   1 << 2 | 1 << 16 | uint64_t{3} << 38}));
  // chip at 2, core at 16, axon at 28, atom at 40.
  EXPECT_EQ(wordsOf(core, proto::AXON_OUT, 8),
            (Words{2 | 1 << 2 | 2 << 16 | uint64_t{3} << 28 | uint64_t{4} << 40,
                   3, 1 | uint64_t{31} << 40}));
  const Words compartments = wordsOf(core, proto::COMPARTMENT, 8);
  EXPECT_EQ(compartments[0], 0u);
  EXPECT_EQ(compartments[1], uint64_t{3} << 37);
  EXPECT_EQ(take(unpack(core, loihi)), canonical(t, loihi));
}

TEST(Pack, CanonicalTables) {
  const target::TargetModel loihi = builtin("loihi");
  CoreTables t = smallTables();
  t.rows.delay = {0, 0};
  t.compartmentFields["bias_exp"] = {0, 0};
  t.initialState["u"] = {0, 0};
  t.config["compartments"] = 2;
  const CoreTables back = take(unpack(take(pack(t, loihi)), loihi));
  EXPECT_EQ(back, canonical(t, loihi));
  EXPECT_TRUE(back.rows.delay.empty());
  EXPECT_TRUE(back.compartmentFields.empty());
  EXPECT_TRUE(back.initialState.empty());
  EXPECT_EQ(back.config.at("delay_bits"), 3);
  EXPECT_EQ(back.compartmentProfiles[0].at("refract_delay"), 0);
}

TEST(Pack, UsageOfEachMemory) {
  const target::TargetModel loihi = builtin("loihi");
  const std::vector<Usage> list =
      usage(take(pack(smallTables(), loihi)), loihi);
  ASSERT_EQ(list.size(), 9u);
  EXPECT_EQ(list[0].memory, "compartment");
  EXPECT_EQ(list[0].usedWords, 2u);
  EXPECT_EQ(list[0].words, 1024u);
  EXPECT_EQ(list[0].wordBits, 64u);
  EXPECT_EQ(list[1].usedWords, 0u); // no initial state
}

TEST(Pack, CapacityErrors) {
  const target::TargetModel loihi = builtin("loihi");
  const auto message = [&](const CoreTables &t) {
    return problem(pack(t, loihi), ErrorKind::Capacity);
  };
  CoreTables t = smallTables();
  t.thresholdProfiles[0]["vth"] = 131072;
  EXPECT_THAT(message(t), AllOf(HasSubstr("core 0 of chip 0"),
                                HasSubstr("'threshold_profile', word 0"),
                                HasSubstr("131072"), HasSubstr("0..131071")));
  t = smallTables();
  t.compartmentFields["bias_mant"] = {0, 4096};
  EXPECT_THAT(message(t), HasSubstr("'compartment', word 1"));
  t = smallTables();
  t.thresholdProfiles.resize(9);
  EXPECT_THAT(message(t), HasSubstr("9 profiles, but only 8"));
  t = smallTables();
  t.formats.resize(8);
  EXPECT_THAT(message(t), HasSubstr("8 formats, but only 7"));
  t = smallTables();
  t.formats[0].weightBits = 7;
  EXPECT_THAT(message(t), HasSubstr("weights of a width of 7"));
  t = smallTables();
  t.compartments = 1025;
  EXPECT_THAT(message(t), HasSubstr("1,025 compartments, but only 1,024"));
  t = smallTables();
  t.axonsIn.resize(4097, t.axonsIn[0]);
  EXPECT_THAT(message(t), HasSubstr("4,097 input axons"));
  t = smallTables();
  t.axonsOut.resize(4097);
  t.outFirst = {0, 4097, 4097};
  EXPECT_THAT(message(t), AllOf(HasSubstr("'axon_out'"), HasSubstr("1 more")));
  t = smallTables();
  t.formats[0].delayBits = 4;
  t.rows.delay = {0, 7}; // 8 slots allow 6
  EXPECT_THAT(message(t), HasSubstr("7 steps of delay, but only 6"));
}

TEST(Pack, SynapseMemoryOverflow) {
  const target::TargetModel loihi = builtin("loihi");
  CoreTables t = smallTables();
  t.rows = {};
  for (uint32_t r = 0; r < 16385; ++r) {
    t.rows.target.push_back(0);
    t.rows.mantissa.push_back(2);
    t.rows.format.push_back(0);
    t.rows.first.push_back(r + 1);
  }
  t.axonsIn.clear();
  for (uint32_t r = 0; r < 16384; r += 1024)
    t.axonsIn.push_back({AxonType::Pop32, r, 1024, 0});
  t.axonsIn.push_back({AxonType::Discrete, 16384, 1, 0});
  EXPECT_THAT(problem(pack(t, loihi), ErrorKind::Capacity),
              AllOf(HasSubstr("'synapse'"), HasSubstr("16,385 words"),
                    HasSubstr("1 more")));
  t.axonsIn.pop_back();
  t.rows.target.pop_back();
  t.rows.mantissa.pop_back();
  t.rows.format.pop_back();
  t.rows.first.pop_back();
  const proto::Core full = take(pack(t, loihi));
  EXPECT_EQ(take(unpack(full, loihi)), canonical(t, loihi));
}

TEST(Pack, BrokenRules) {
  const target::TargetModel loihi = builtin("loihi");
  const auto message = [&](auto change) {
    CoreTables t = smallTables();
    change(t);
    return problem(pack(t, loihi), ErrorKind::Internal);
  };
  using T = CoreTables &;
  EXPECT_THAT(message([](T t) { t.rows.mantissa[0] = 3; }),
              HasSubstr("not a multiple of 2"));
  EXPECT_THAT(message([](T t) { t.rows.mantissa[0] = 256; }),
              HasSubstr("-256..254"));
  EXPECT_THAT(message([](T t) { t.rows.target[1] = 2; }),
              HasSubstr("compartment 2 of 2"));
  EXPECT_THAT(message([](T t) { t.axonsIn[0].cxBase = 1; }),
              HasSubstr("compartment 2 of 2"));
  EXPECT_THAT(message([](T t) { t.axonsIn.clear(); }),
              HasSubstr("no axon uses the row"));
  EXPECT_THAT(message([](T t) { t.axonsIn[0].firstRow = 1; }),
              HasSubstr("row 1 of 1"));
  EXPECT_THAT(message([](T t) { t.axonsIn[0].popRows = 2; }),
              HasSubstr("2 rows"));
  EXPECT_THAT(message([](T t) { t.rows.first = {0, 0, 2}; }),
              HasSubstr("different lengths"));
  EXPECT_THAT(message([](T t) {
                t.rows.first = {0, 0, 2};
                t.rows.format = {0, 0};
              }),
              HasSubstr("row is empty"));
  EXPECT_THAT(message([](T t) {
                t.formats[0].compression = Compression::Dense;
                t.rows.target = {1, 0};
              }),
              HasSubstr("dense row"));
  EXPECT_THAT(message([](T t) { t.profileOf[1] = 1; }),
              HasSubstr("profile 1, but there are 1"));
  EXPECT_THAT(message([](T t) { t.outFirst = {0, 2, 1}; }),
              HasSubstr("output axons"));
  EXPECT_THAT(message([](T t) { t.axonsOut[0].chip = 768; }),
              HasSubstr("chip 768"));
  EXPECT_THAT(message([](T t) { t.axonsOut[0].atom = 1; }),
              HasSubstr("atom 1 of 1"));
  EXPECT_THAT(message([](T t) { t.config["delay_bit"] = 3; }),
              HasSubstr("did you mean 'delay_bits'"));
  EXPECT_THAT(message([](T t) { t.compartmentFields["cx_profile"] = {0, 0}; }),
              HasSubstr("cx_profile"));
  EXPECT_THAT(message([](T t) { t.config["compartments"] = 3; }),
              HasSubstr("is 3, not 2"));
  EXPECT_THAT(message([](T t) { t.core = 128; }), HasSubstr("128 cores"));
}

//===- tests/unit/target/TargetTest.cpp -----------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/AtomicFile.h"
#include "target/Hash.h"
#include "target/Meaning.h"
#include "target/TargetModel.h"
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

using namespace hillock;
using namespace hillock::target;
using testing::HasSubstr;

namespace {

TargetModel loihi() {
  Expected<TargetModel> model = findTarget("loihi");
  if (!model) {
    ADD_FAILURE() << takeText(model.takeError());
    return {};
  }
  return *model;
}

/// The message for a text that must not parse; also checks its kind.
std::string problemOf(const std::string &text) {
  Expected<TargetModel> model = parseTarget(text, "x.textproto");
  if (model)
    return "no error";
  ErrorKind kind = ErrorKind::Internal;
  std::string message = takeText(model.takeError(), &kind);
  EXPECT_EQ(kind, ErrorKind::Input) << message;
  EXPECT_THAT(message, HasSubstr("x.textproto"));
  return message;
}

/// The Loihi description with one piece of text replaced.
std::string edited(const std::string &from, const std::string &to) {
  std::string text = *builtinTargetText("loihi");
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

} // namespace

// XXH64 with seed 0; the last vector is the example in the manual of Python's
// xxhash, and long enough for the four lanes.
TEST(Hash, KnownVectors) {
  EXPECT_EQ(hashBytes(""), 0xEF46DB3751D8E999u);
  EXPECT_EQ(hashBytes("a"), 0xD24EC4F1A98C6E5Bu);
  EXPECT_EQ(hashBytes("abc"), 0x44BC2CF5AD770999u);
  EXPECT_EQ(hashBytes("Nobody inspects the spammish repetition"),
            0xFBCEA83C8A378BF1u);
}

TEST(Hash, EveryBitMatters) {
  std::string text(100, 'x');
  const uint64_t before = hashBytes(text);
  for (size_t bit = 0; bit < 8 * text.size(); ++bit) {
    text[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_NE(hashBytes(text), before);
    text[bit / 8] ^= static_cast<char>(1 << bit % 8);
  }
}

// Sizes: Davies et al. 2018; nengo-loihi block.py.
TEST(Loihi, PublishedSizes) {
  const TargetModel t = loihi();
  EXPECT_EQ(t.coresPerChip(), 128u);
  EXPECT_EQ(t.maxChips(), 768u);
  EXPECT_EQ(t.capacity(proto::COMPARTMENT), 1024u);
  EXPECT_EQ(t.capacity(proto::AXON_IN), 4096u);
  EXPECT_EQ(t.capacity(proto::AXON_OUT), 4096u);
  EXPECT_EQ(t.capacity(proto::COMPARTMENT_PROFILE), 32u);
  EXPECT_EQ(t.capacity(proto::THRESHOLD_PROFILE), 8u);
  EXPECT_EQ(t.capacity(proto::SYNAPSE_FORMAT), 7u); // 0 is reserved
  const proto::Memory *synapse = t.memory(proto::SYNAPSE);
  ASSERT_TRUE(synapse);
  EXPECT_EQ(synapse->words() * synapse->word_bits() / 8, 128u * 1024u);
  EXPECT_EQ(t.field(proto::THRESHOLD_PROFILE, "vth")->bits(), 17u);
  EXPECT_EQ(t.field(proto::COMPARTMENT, "bias_mant")->bits(), 13u);
  EXPECT_FALSE(t.field(proto::COMPARTMENT, "vth"));
}

// nengo-loihi block.py: WEIGHT_BITS_MAP and INDEX_BITS_MAP.
TEST(Loihi, WidthCodes) {
  const TargetModel t = loihi();
  EXPECT_EQ(t.weightCode(1), 1u);
  EXPECT_EQ(t.weightCode(6), 6u);
  EXPECT_EQ(t.weightCode(8), 7u);
  EXPECT_EQ(t.weightCode(7), std::nullopt);
  EXPECT_EQ(t.weightCode(0), std::nullopt);
  EXPECT_EQ(t.indexCode(6), 1u);
  EXPECT_EQ(t.indexCode(12), 7u);
  EXPECT_EQ(t.indexCode(5), std::nullopt);
  EXPECT_EQ(t.indexBitsFor(0), 6u);
  EXPECT_EQ(t.indexBitsFor(63), 6u);
  EXPECT_EQ(t.indexBitsFor(64), 7u);
  EXPECT_EQ(t.indexBitsFor(4095), 12u);
  EXPECT_EQ(t.indexBitsFor(4096), std::nullopt);
}

// Davies et al. 2018: 8 slots at 1024 compartments, delays to 62 with fewer.
TEST(Loihi, Delays) {
  const TargetModel t = loihi();
  EXPECT_EQ(t.maxDelay(1024), 6u);
  EXPECT_EQ(t.maxDelay(512), 14u);
  EXPECT_EQ(t.maxDelay(128), 62u);
  EXPECT_EQ(t.maxDelay(1), 62u);
  EXPECT_EQ(t.maxDelay(2000), 0u);
  EXPECT_EQ(t.delayBitsFor(0, 1024), 3u);
  EXPECT_EQ(t.delayBitsFor(6, 1024), 3u);
  EXPECT_EQ(t.delayBitsFor(7, 1024), std::nullopt);
  EXPECT_EQ(t.delayBitsFor(7, 512), 4u);
  EXPECT_EQ(t.delayBitsFor(62, 128), 6u);
  EXPECT_EQ(t.delayBitsFor(63, 1), std::nullopt);
}

TEST(Loihi, Places) {
  const TargetModel t = loihi();
  const TargetModel::Place p = t.place(17, 4 * 5 + 3); // tile 5 of 8 x 4
  EXPECT_EQ(p.chipX, 1u);
  EXPECT_EQ(p.chipY, 1u);
  EXPECT_EQ(p.tileX, 1u);
  EXPECT_EQ(p.tileY, 1u);
  EXPECT_EQ(p.coreInTile, 3u);
}

// Davies et al. 2018, table 2.
TEST(Loihi, PublishedCosts) {
  const TargetModel t = loihi();
  for (const auto &set : t.proto().timing_and_energy())
    for (const proto::Cost &cost : set.cost())
      if (set.name() == "davies2018" && cost.event() == "synaptic_event") {
        EXPECT_EQ(cost.energy_pj(), 23.6);
        EXPECT_EQ(cost.latency_ns(), 3.5);
        return;
      }
  FAIL() << "no such cost";
}

TEST(Builtin, AllValidAndListed) {
  const std::vector<std::string> names = builtinTargets();
  EXPECT_THAT(names, testing::IsSupersetOf({"loihi", "manycore"}));
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  std::set<uint64_t> hashes;
  for (const std::string &name : names) {
    Expected<TargetModel> model = findTarget(name);
    ASSERT_TRUE(bool(model)) << takeText(model.takeError());
    EXPECT_EQ(model->name(), name);
    hashes.insert(model->hash());
    EXPECT_FALSE(model->proto().summary().empty());
  }
  EXPECT_EQ(hashes.size(), names.size());
  EXPECT_EQ(builtinTargetText("nothing"), std::nullopt);
}

// Every memory says where its size is from, every field what it holds.
TEST(Builtin, SourcesAndDescriptions) {
  for (const std::string &name : builtinTargets()) {
    Expected<TargetModel> model = findTarget(name);
    ASSERT_TRUE(bool(model)) << takeText(model.takeError());
    for (const proto::Memory &memory : model->proto().memory()) {
      EXPECT_FALSE(memory.source().text().empty()) << memory.name();
      for (const proto::Field &field : memory.field())
        EXPECT_FALSE(field.description().empty())
            << memory.name() << "." << field.name();
    }
  }
}

TEST(Find, FilesAndUnknownNames) {
  const std::string path = testing::TempDir() + "my-chip.textproto";
  ASSERT_FALSE(
      bool(writeFile(path, edited("name: \"loihi\"", "name: \"mine\""))));
  Expected<TargetModel> mine = findTarget(path);
  ASSERT_TRUE(bool(mine)) << takeText(mine.takeError());
  EXPECT_EQ(mine->name(), "mine");
  EXPECT_NE(mine->hash(), loihi().hash());
  Expected<TargetModel> wrong = findTarget("loihy");
  ASSERT_FALSE(bool(wrong));
  EXPECT_THAT(takeText(wrong.takeError()), HasSubstr("'loihi'"));
  Expected<TargetModel> missing = findTarget("./no/such.textproto");
  ASSERT_FALSE(bool(missing));
  EXPECT_THAT(takeText(missing.takeError()), HasSubstr("no/such.textproto"));
}

TEST(Hostile, UnknownFieldHasPlaceAndProposal) {
  const std::string message = problemOf("name: \"x\"\nmesh {\n  tile_x: 3\n}");
  EXPECT_THAT(message, HasSubstr("x.textproto:3:"));
  EXPECT_THAT(message, HasSubstr("'tile_x'"));
  EXPECT_THAT(message, HasSubstr("did you mean 'tiles_x'"));
}

TEST(Hostile, UnknownRole) {
  const std::string message = problemOf("memory { role: COMPARTMNT }");
  EXPECT_THAT(message, HasSubstr("x.textproto:1:"));
  EXPECT_THAT(message, HasSubstr("COMPARTMENT"));
}

TEST(Hostile, WrongTypesAndSyntax) {
  EXPECT_THAT(problemOf("mesh { tiles_x: \"8\" }"), HasSubstr(":1:"));
  EXPECT_THAT(problemOf("mesh { tiles_x: -1 }"), HasSubstr(":1:"));
  EXPECT_THAT(problemOf("mesh { tiles_x: 4294967296 }"), HasSubstr(":1:"));
  EXPECT_THAT(problemOf("mesh {"), HasSubstr("x.textproto"));
  EXPECT_THAT(problemOf("mesh { tiles_x: 1 tiles_x: 2 }"), HasSubstr(":1:"));
  EXPECT_THAT(problemOf(std::string("\0\xff\x01", 3)),
              HasSubstr("x.textproto"));
  EXPECT_THAT(problemOf(std::string(size_t{2} << 20, ' ')), HasSubstr("MiB"));
  EXPECT_THAT(problemOf(""), HasSubstr("no name"));
}

TEST(Hostile, Meshes) {
  EXPECT_THAT(problemOf(edited("tiles_x: 8", "tiles_x: 0")),
              HasSubstr("mesh, tiles_x"));
  EXPECT_THAT(problemOf(edited("tiles_x: 8", "tiles_x: 4294967295")),
              HasSubstr("4,294,967,295"));
  // 16384 * 16384 * 4 would be 0 in 32 bits.
  std::string text = edited("tiles_x: 8", "tiles_x: 16384");
  text.replace(text.find("tiles_y: 4"), 10, "tiles_y: 16384");
  EXPECT_THAT(problemOf(text), HasSubstr("1,073,741,824"));
}

TEST(Hostile, Memories) {
  EXPECT_THAT(problemOf(edited("word_bits: 64", "word_bits: 65")),
              HasSubstr("1..64"));
  EXPECT_THAT(problemOf(edited("word_bits: 64", "word_bits: 32")),
              HasSubstr("fields take 50 bits"));
  EXPECT_THAT(problemOf(edited("\"bias_exp\"", "\"bias_mant\"")),
              HasSubstr("field 'bias_mant'"));
  EXPECT_THAT(problemOf(edited("\"cx_profile\" bits", "\"profile\" bits")),
              HasSubstr("field 'cx_profile' is missing"));
  EXPECT_THAT(problemOf(edited("role: AXON_OUT", "role: AXON_IN")),
              testing::AllOf(HasSubstr("second memory"),
                             HasSubstr("no memory has role AXON_OUT")));
  EXPECT_THAT(problemOf(edited("words: 1024", "words: 4000000000")),
              HasSubstr("words"));
  EXPECT_THAT(problemOf(edited("name: \"bias_exp\" bits: 3",
                               "name: \"bias_exp\" bits: 3 max: 8")),
              HasSubstr("0..7"));
  EXPECT_THAT(problemOf(edited("name: \"bias_exp\" bits: 3",
                               "name: \"bias_exp\" bits: 0")),
              HasSubstr("field 'bias_exp', bits"));
}

TEST(Hostile, RulesAndCosts) {
  EXPECT_THAT(problemOf(edited("group_synapses: 64", "group_synapses: 65")),
              HasSubstr("group_synapses"));
  EXPECT_THAT(problemOf(edited("header_count_bits: 6",
                               "header_count_bits: 4000000000")),
              HasSubstr("header_count_bits"));
  EXPECT_THAT(problemOf(edited("[0, 1, 2, 3, 4, 5, 6, 8]", "[0, 9]")),
              HasSubstr("weight_bits_of_code"));
  EXPECT_THAT(
      problemOf(edited("accumulator_words: 8192", "accumulator_words: 8191")),
      HasSubstr("do not fit 8,191 words"));
  EXPECT_THAT(
      problemOf(edited("max_delay_bits: 6", "max_delay_bits: 4000000000")),
      HasSubstr("max_delay_bits"));
  EXPECT_THAT(problemOf(edited("slots_pop16: 1", "slots_pop16: 0")),
              HasSubstr("slots_pop16"));
  EXPECT_THAT(
      problemOf(edited("text: \"Davies et al., IEEE Micro 38(1), 2018, table "
                       "2\"",
                       "text: \"\"")),
      HasSubstr("these costs have no source"));
  EXPECT_THAT(problemOf(edited("energy_pj: 1.7", "energy_pj: nan")),
              HasSubstr("hop_local"));
  EXPECT_THAT(problemOf(edited("energy_pj: 1.7", "energy_pj: -1.7")),
              HasSubstr("hop_local"));
  EXPECT_THAT(problemOf(edited("quantizer: \"loihi\"", "quantizer: \"lohi\"")),
              HasSubstr("'lohi'"));
}

// Several mistakes come in one go.
TEST(Hostile, AllProblemsAtOnce) {
  std::string text = edited("tiles_x: 8", "tiles_x: 0");
  text.replace(text.find("slots_pop16: 1"), 14, "slots_pop16: 9");
  const std::string message = problemOf(text);
  EXPECT_THAT(message, HasSubstr("tiles_x"));
  EXPECT_THAT(message, HasSubstr("slots_pop16"));
}

namespace {

void eachMessage(const google::protobuf::Descriptor &type,
                 std::set<std::string> &fields) {
  for (int i = 0; i < type.field_count(); ++i) {
    fields.insert(type.field(i)->full_name());
    if (type.field(i)->message_type())
      eachMessage(*type.field(i)->message_type(), fields);
  }
}

} // namespace

TEST(Explain, EveryFieldOfTheSchemaHasAMeaning) {
  std::set<std::string> fields;
  eachMessage(*proto::Target::descriptor(), fields);
  EXPECT_GT(fields.size(), 50u);
  for (const std::string &field : fields)
    EXPECT_FALSE(meaning(field).empty()) << field;
}

TEST(Explain, ValuesAndSources) {
  const std::string text = explain(loihi());
  EXPECT_THAT(text, HasSubstr("mesh.tiles_x = 8\n    columns of tiles"));
  EXPECT_THAT(text, HasSubstr("vth: 17 bits, unsigned\n"));
  EXPECT_THAT(text, HasSubstr("bias_mant: 13 bits, signed\n"));
  EXPECT_THAT(text, HasSubstr("hop_y: 4.2"));
  EXPECT_THAT(text, HasSubstr("SANA-FE"));
}

TEST(Explain, LetterMap) {
  EXPECT_EQ(
      letterMap(loihi()),
      "target loihi: 128 cores a chip, up to 768 chips\n"
      "       x0     x1     x2     x3     x4     x5     x6     x7\n"
      "y0     [NNNN] [NNNN] [NNNN] [NNNN] [NNNN] [NNNN] [NNNN] [NNNN]\n"
      "y1     [NNNN] [NNNN] [NNNN] [NNNN] [NNNN] [NNNN] [NNNN] [NNNN]\n"
      "y2     [NNNN] [NNNN] [NNNN] [NNNN] [NNNN] [NNNN] [NNNN] [NNNN]\n"
      "y3     [NNNN] [NNNN] [NNNN] [NNNN] [NNNN] [NNNN] [NNNN] [NNNN]\n"
      "[..] a tile with its router, N a neuron core; tile x,y holds cores "
      "(x * 4 + y) * 4 and following\n");
}

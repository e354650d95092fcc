//===- tests/unit/backends/odin/SpiTest.cpp -------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/odin/SpiProgram.h"
#include "runtime/replay/ReadOdin.h"
#include "tests/unit/backends/odin/RandomConfig.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstdlib>
#include <gtest/gtest.h>

using namespace hillock;
using namespace hillock::odin;

namespace {

template <typename T> std::string textOf(Expected<T> value) {
  return value ? "no error" : takeText(value.takeError());
}

// Frames of recorded programs (tiny_17, odin_19), read by the public RTL.
TEST(SpiFrame, IsThatOfTheRecordedPrograms) {
  EXPECT_EQ(writeRegister(0, 1).bits, 0x0000000001u);
  EXPECT_EQ(writeRegister(2, 0xC00).bits, 0x0000200C00u);
  EXPECT_EQ(writeNeuron(3, 15, 0x80, 0x7F).bits, 0x50F0307F80u);
  EXPECT_EQ(writeNeuron(1, 1, 0x80).bits, 0x5010100080u);
  EXPECT_EQ(readNeuron(2, 0).bits, 0x9000200000u);
  EXPECT_EQ(writeSynapses(0, 0, 0x89).bits, 0x6000000089u);
  EXPECT_EQ(readSynapses(0x161, 3).bits, 0xA616100000u);
  const SpiFrame frame = writeSynapses(40, 2, 0x12, 0xF0);
  EXPECT_EQ(frame.synapseWord(), 40u);
  EXPECT_EQ(frame.synapseByte(), 2u);
  EXPECT_EQ(frame.mask(), 0xF0);
  EXPECT_EQ(describe(Chip::Tiny, frame),
            "synapses 1 -> 68, 69 = 0x12, bits 0x0f");
}

class SpiOfChip : public testing::TestWithParam<Chip> {};
INSTANTIATE_TEST_SUITE_P(Both, SpiOfChip,
                         testing::Values(Chip::Tiny, Chip::Odin),
                         [](const auto &info) {
                           return chipName(info.param).str();
                         });

TEST_P(SpiOfChip, ProgramComesBack) {
  const ChipConfig config = randomConfig(GetParam(), 7);
  const SpiProgram program = programFrames(config);
  for (const std::string &file :
       {writeSpiText(GetParam(), program), writeSpiBinary(program.frames)}) {
    auto stream = readSpi(file, "a file");
    ASSERT_TRUE(bool(stream)) << takeText(stream.takeError());
    EXPECT_EQ(stream->chip, GetParam());
    EXPECT_TRUE(stream->frames == program.frames);
    auto back = configOf(*stream);
    ASSERT_TRUE(bool(back)) << takeText(back.takeError());
    EXPECT_TRUE(sameChip(*back, config));
  }
}

// 256 neurons of 4 or 16 bytes and 8192 words of four, each written and read.
TEST_P(SpiOfChip, FullProgramHasEveryByteOnce) {
  ChipConfig config = randomConfig(GetParam(), 3);
  for (unsigned n = 0; n < kNeurons; ++n)
    config.neurons[n].set(GetParam() == Chip::Tiny ? 31 : 127, 1, 0);
  const SpiProgram program = programFrames(config);
  const unsigned bytes = 256 * neuronBytes(GetParam()) + 8192 * 4;
  size_t reads = 0, whole = 0, refreshes = 0;
  for (SpiFrame frame : program.frames) {
    reads += frame.memory() && frame.reads();
    whole += frame.memory() && frame.writes() && frame.mask() == 0;
    refreshes += frame.memory() && frame.writes() && frame.mask() == 0xFF;
  }
  EXPECT_EQ(reads, bytes);
  EXPECT_EQ(whole, bytes);
  EXPECT_EQ(refreshes, GetParam() == Chip::Tiny ? 0u : 256u);
  EXPECT_EQ(program.frames[0], writeRegister(0, 1));
  EXPECT_EQ(program.frames[1], writeRegister(1, 1));
  EXPECT_EQ(program.frames.back(), writeRegister(0, 0));
}

TEST_P(SpiOfChip, NeuronsBeginWithTheirDisableBit) {
  const SpiProgram program = programFrames(randomConfig(GetParam(), 3));
  const unsigned top = neuronBytes(GetParam()) - 1;
  std::array<bool, 256> begun{};
  for (SpiFrame frame : program.frames) {
    if (frame.kind() != SpiFrame::Kind::Neuron)
      continue;
    if (!begun[frame.neuron()]) {
      EXPECT_EQ(frame.neuronByte(), top);
    }
    begun[frame.neuron()] = true;
  }
}

TEST_P(SpiOfChip, UsedPartIsWrittenAlone) {
  ChipConfig config = emptyConfig(GetParam());
  for (unsigned n : {4u, 9u})
    config.neurons[n].set(GetParam() == Chip::Tiny ? 31 : 127, 1, 0);
  InputPort port;
  port.events = {{HostEvent::Kind::Neuron, 200, 0}};
  config.io.inputs = {port};
  config.setSynapse(200, 4, 0xF);
  config.setSynapse(4, 9, 0xB);
  SpiOptions options;
  options.usedOnly = true;
  options.readback = false;
  const SpiProgram program = programFrames(config, options);
  // Rows 4, 9 and 200 with the bytes of targets 4 and 9.
  size_t synapses = 0;
  for (SpiFrame frame : program.frames)
    synapses += frame.kind() == SpiFrame::Kind::Synapse;
  EXPECT_EQ(synapses, 6u);
  auto stream = readSpi(writeSpiText(GetParam(), program), "text");
  auto back = configOf(*stream);
  ASSERT_TRUE(bool(back)) << takeText(back.takeError());
  EXPECT_EQ(back->synapse(200, 4), 0xFu);
  EXPECT_EQ(back->synapse(4, 9), 0xBu);
  EXPECT_TRUE(back->disabled(5));
  EXPECT_FALSE(back->disabled(9));
}

// A program that the public RTL ran: what is left in its memories is what we
// read from the frames.
TEST(SpiStream, RecordedProgramsAreRead) {
  const char *folder = std::getenv("HILLOCK_DATA");
  if (!folder)
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  for (const char *name : {"tiny_17_spi_program", "odin_19_spi_program"}) {
    auto buffer = llvm::MemoryBuffer::getFile(std::string(folder) + "/odin/" +
                                              name + ".json");
    ASSERT_TRUE(bool(buffer));
    auto json = llvm::json::parse((*buffer)->getBuffer());
    ASSERT_TRUE(bool(json)) << takeText(json.takeError());
    llvm::json::Object &root = *json->getAsObject();
    SpiStream stream(root.getString("chip") == "odin" ? Chip::Odin
                                                      : Chip::Tiny);
    std::vector<SpiFrame> frames;
    for (const llvm::json::Value &text :
         *root.getObject("spi")->getArray("frames")) {
      uint64_t bits = 0;
      text.getAsString()->getAsInteger(16, bits);
      stream.frames.push_back({bits});
    }
    // What was read back, too.
    stream.answers.assign(stream.frames.size(), -1);
    size_t next = 0;
    const auto &rows = *root.getObject("spi")->getArray("readback");
    for (size_t i = 0; i < stream.frames.size(); ++i)
      if (stream.frames[i].reads()) {
        unsigned byte = 0;
        (*rows[next++].getAsArray())[2].getAsString()->getAsInteger(16, byte);
        stream.answers[i] = static_cast<int>(byte);
      }
    ASSERT_EQ(next, rows.size());
    auto config = configOf(stream), shown = configOf(stream, true);
    ASSERT_TRUE(bool(config)) << takeText(config.takeError());
    ASSERT_TRUE(bool(shown)) << takeText(shown.takeError());
    // Bytes that were read are those that were written.
    SpiState state(stream.chip);
    for (SpiFrame frame : stream.frames)
      state.apply(frame);
    for (size_t i = 0; i < stream.frames.size(); ++i)
      if (stream.answers[i] >= 0 &&
          stream.frames[i].kind() == SpiFrame::Kind::Synapse)
        EXPECT_EQ(config->synapses[stream.frames[i].synapseWord()] >>
                          (8 * stream.frames[i].synapseByte()) &
                      0xFF,
                  static_cast<unsigned>(stream.answers[i]));
    // Synapses at the end of the run; ODIN's have learned, but not which of
    // them exist.
    const uint32_t kept = stream.chip == Chip::Tiny ? 0xFFFFFFFF : 0x88888888;
    for (const llvm::json::Value &entry : *root.getObject("result")
                                               ->getObject("final_synapses")
                                               ->getArray("words")) {
      const auto &pair = *entry.getAsArray();
      uint32_t word = 0;
      pair[1].getAsString()->getAsInteger(16, word);
      EXPECT_EQ(config->synapses[*pair[0].getAsInteger()] & kept, word & kept)
          << name;
    }
    // Parameters of neurons, not their states.
    const auto &neurons = *root.getObject("result")->getArray("final_neurons");
    for (unsigned n = 0; n < kNeurons; ++n) {
      const auto text = *neurons[n].getAsString();
      const NeuronKind kind = neuronKind(stream.chip, config->neurons[n]);
      Word128 final;
      if (stream.chip == Chip::Odin)
        text.take_front(16).getAsInteger(16, final.hi);
      text.take_back(16).getAsInteger(16, final.lo);
      for (const Field &field : neuronFields(kind))
        if (!field.isState) {
          EXPECT_EQ(getField(config->neurons[n], field), getField(final, field))
              << name << " neuron " << n << " " << field.name;
        }
    }
  }
}

TEST(SpiStream, MistakesNameTheirLine) {
  const std::string head = "hillock-odin-spi 1\nchip tinyodin\n";
  EXPECT_EQ(textOf(readSpi(head + "0000000001\nxyz\n", "net.spi")),
            "net.spi: line 4: 'xyz' is not a hexadecimal number; write ten "
            "digits, then '= BYTE' or '# COMMENT' if wanted");
  EXPECT_NE(textOf(readSpi("hillock-odin-spi 2\n", "f")).find("f: line 1"),
            std::string::npos);
  EXPECT_NE(textOf(readSpi("hillock-odin-spi 1\n0000000001\n", "f"))
                .find("chip must be named"),
            std::string::npos);
  EXPECT_NE(textOf(readSpi("hillock-odin-spi 1\nchip loihi\n", "f"))
                .find("line 2: there is no chip 'loihi'"),
            std::string::npos);
  EXPECT_NE(textOf(readSpi(head + "9000000000 = 123\n", "f"))
                .find("line 3: '123' is not a byte"),
            std::string::npos);
  EXPECT_NE(textOf(readSpi(head, "f", Chip::Odin)).find("not for odin"),
            std::string::npos);
  auto cut = readSpi(head + "0000000001\n500000\n", "f");
  ASSERT_TRUE(bool(cut));
  ASSERT_EQ(cut->cuts.size(), 1u);
  EXPECT_EQ(cut->cuts[0].bits, 24u);
  EXPECT_EQ(textOf(configOf(*cut)),
            "line 4 (frame 2): has 24 bits, a frame has 40; see hillock "
            "inspect --lint");
  auto open = readSpi(head + "5000000001\n", "f");
  ASSERT_TRUE(bool(open));
  EXPECT_NE(textOf(configOf(*open)).find("line 3 (frame 1): accesses"),
            std::string::npos);
}

TEST(SpiStream, AnswersMakeTheNetworkOfTheChip) {
  auto stream = readSpi("hillock-odin-spi 1\nchip tinyodin\n0000000001\n"
                        "5000500021  # written\n9000500000 = 20\n0000000000\n",
                        "f");
  ASSERT_TRUE(bool(stream)) << takeText(stream.takeError());
  auto written = configOf(*stream), shown = configOf(*stream, true);
  ASSERT_TRUE(bool(written));
  ASSERT_TRUE(bool(shown));
  EXPECT_EQ(written->neurons[5].lo, 0x21u);
  EXPECT_EQ(shown->neurons[5].lo, 0x20u);
}

} // namespace

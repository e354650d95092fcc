//===- tests/unit/runtime/stream/ReadDataTest.cpp -------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/stream/ReadData.h"
#include "base/AtomicFile.h"
#include "base/Npy.h"
#include "base/Random.h"
#include <cstdlib>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <sstream>

namespace hillock::runtime {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class ReadData : public testing::Test {
protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "hlkXXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
  }
  void TearDown() override { fs::remove_all(folder); }

  std::string put(const std::string &name, const std::string &bytes) {
    const std::string path = folder + "/" + name;
    fs::create_directories(fs::path(path).parent_path());
    EXPECT_EQ(takeText(writeFile(path, bytes)), "");
    return path;
  }
  static DataSet read(const std::string &path, const ReadOptions &options) {
    Expected<DataSet> set = readData(path, options);
    if (set)
      return std::move(*set);
    ADD_FAILURE() << takeText(set.takeError());
    return {};
  }
  static std::string failure(const std::string &path,
                             const ReadOptions &options = {}) {
    Expected<DataSet> set = readData(path, options);
    return set ? "" : takeText(set.takeError());
  }

  std::string folder;
};

class RealData : public ReadData {
protected:
  void SetUp() override {
    ReadData::SetUp();
    const char *root = std::getenv("HILLOCK_DATA");
    if (!root)
      GTEST_SKIP() << "HILLOCK_DATA is not set";
    data = std::string(root) + "/";
  }
  std::string data;
};

ReadOptions shaped(std::vector<int64_t> shape) {
  ReadOptions options;
  options.inputShape = std::move(shape);
  return options;
}

std::string ramp(std::vector<int64_t> shape) {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  std::vector<float> values(static_cast<size_t>(count));
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(i + 1);
  return npyBytes(NdArray::of(std::move(shape), values));
}

TEST_F(ReadData, ArraysAreSplitByTheInputShape) {
  // (T, N)
  DataSet set = read(put("a.npy", ramp({3, 2})), shaped({2}));
  ASSERT_EQ(set.samples.size(), 1u);
  EXPECT_EQ(set.samples[0].steps, 3);
  EXPECT_EQ(set.samples[0].toDense(), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(set.labels.empty());
  // (S, T, N)
  set = read(put("b.npy", ramp({2, 3, 2})), shaped({2}));
  ASSERT_EQ(set.samples.size(), 2u);
  EXPECT_EQ(set.samples[1].toDense(),
            (std::vector<float>{7, 8, 9, 10, 11, 12}));
  // (T, S, N) on request: sample 1 has rows 1, 3, 5 of the six
  ReadOptions options = shaped({2});
  options.timeFirst = true;
  set = read(put("c.npy", ramp({3, 2, 2})), options);
  ASSERT_EQ(set.samples.size(), 2u);
  EXPECT_EQ(set.samples[1].toDense(), (std::vector<float>{3, 4, 7, 8, 11, 12}));
  // flat data for a shaped input and the reverse
  EXPECT_EQ(
      read(put("d.npy", ramp({5, 8})), shaped({2, 2, 2})).samples[0].shape,
      (std::vector<int64_t>{2, 2, 2}));
  EXPECT_EQ(
      read(put("e.npy", ramp({5, 2, 2, 2})), shaped({8})).samples[0].steps, 5);
  // an axis of length 1 more
  EXPECT_EQ(
      read(put("f.npy", ramp({5, 4, 4})), shaped({1, 4, 4})).samples.size(),
      1u);
  // one neuron, no axis for it
  EXPECT_EQ(read(put("g.npy", ramp({7})), shaped({1})).samples[0].steps, 7);
}

TEST_F(ReadData, ImagesNeedAnEncoding) {
  const std::string path = put("i.npy", ramp({3, 2, 2}));
  ReadOptions options = shaped({2, 2});
  // without encoding: 3 steps of 2 x 2
  EXPECT_EQ(read(path, options).samples.size(), 1u);
  options.encode = EncodeOptions{Encoding::None, 4, 0, 1};
  DataSet set = read(path, options);
  ASSERT_EQ(set.samples.size(), 3u);
  EXPECT_EQ(set.samples[2].steps, 4);
  EXPECT_EQ(set.samples[2].events[3].value, 12);
  EXPECT_EQ(read(put("j.npy", ramp({2, 2})), options).samples.size(), 1u);
  options.steps = 7;
  EXPECT_EQ(read(path, options).samples[0].steps, 7);
  EXPECT_THAT(failure(put("k.npy", ramp({2, 3, 2, 2})), options),
              HasSubstr("give images (samples, input...)"));
  options.encode->encoding = Encoding::Rate;
  const std::string ints =
      put("n.npy", npyBytes(NdArray::of<int32_t>({1, 2, 2}, {1, 2, 3, 4})));
  EXPECT_THAT(failure(ints, options), HasSubstr("give --encode-max"));
}

TEST_F(ReadData, NpzNamesAndLabels) {
  NpzArrays arrays;
  arrays["X"] = NdArray::of<uint8_t>({2, 1, 2}, {1, 0, 0, 1});
  arrays["Labels"] = NdArray::of<int64_t>({2}, {4, 7});
  arrays["junk"] = NdArray::of<int64_t>({1}, {1});
  const std::string path = folder + "/d.npz";
  ASSERT_EQ(takeText(writeNpz(path, arrays)), "");
  DataSet set = read(path, shaped({2}));
  EXPECT_THAT(set.labels, ElementsAre(4, 7));
  EXPECT_EQ(set.name, path);
  ReadOptions options = shaped({2});
  options.firstSample = 1;
  set = read(path, options);
  EXPECT_THAT(set.labels, ElementsAre(7));
  EXPECT_THAT(set.samples[0].events, ElementsAre(Event{0, 1, 1}));
  options.firstSample = 2;
  EXPECT_THAT(failure(path, options), HasSubstr("no samples are left"));
  arrays["Labels"] = NdArray::of<int64_t>({3}, {4, 7, 1});
  ASSERT_EQ(takeText(writeNpz(path, arrays)), "");
  EXPECT_THAT(failure(path, shaped({2})),
              HasSubstr("found 3 labels for 2 samples"));
  arrays.erase("X");
  arrays["more"] = NdArray::of<int64_t>({1}, {1});
  ASSERT_EQ(takeText(writeNpz(path, arrays)), "");
  EXPECT_THAT(failure(path, shaped({2})),
              HasSubstr("holds 'Labels', 'junk' and 'more', none of which"));
}

TEST_F(ReadData, StepsCutAndExtend) {
  const std::string path = put("a.npy", ramp({3, 2}));
  ReadOptions options = shaped({2});
  options.steps = 2;
  EXPECT_EQ(read(path, options).samples[0].toDense(),
            (std::vector<float>{1, 2, 3, 4}));
  options.steps = 4;
  EXPECT_EQ(read(path, options).samples[0].toDense(),
            (std::vector<float>{1, 2, 3, 4, 5, 6, 0, 0}));
}

TEST_F(ReadData, ErrorsSayWhatWasExpected) {
  EXPECT_EQ(failure(put("a.npy", ramp({3, 5})), shaped({2, 34, 34})),
            folder + "/a.npy: found float32 (3, 5), the network's input is "
                     "(2, 34, 34); give (steps, input...) or (samples, "
                     "steps, input...), or choose an encoding for images "
                     "without time");
  EXPECT_THAT(failure(put("b.npy", ramp({3, 5, 2}))),
              HasSubstr("give the network's input shape"));
  EXPECT_THAT(
      failure(put("c.npy", npyBytes(NdArray::of<float>({1, 2}, {1, NAN}))),
              shaped({2})),
      HasSubstr("sample 0, step 0, neuron 1 is nan"));
  EXPECT_THAT(failure(put("x.xyz", "hello")), HasSubstr("no known format"));
  EXPECT_THAT(failure(put("x.npz", "hello")), HasSubstr("zip archive"));
  EXPECT_THAT(failure(put("x.npy", "")), HasSubstr("is empty"));
  EXPECT_THAT(failure(folder + "/none"), HasSubstr("no such file"));
  EXPECT_THAT(failure(put("x.nirdata", "hello")), HasSubstr("HDF5"));
  EXPECT_THAT(failure(put("a.npy", ramp({3, 2})), shaped({-2})),
              HasSubstr("(-2) is empty or too large"));
  EXPECT_THAT(failure(put("a.npy", npyBytes(NdArray::of<float>({0, 2}, {}))),
                      shaped({2})),
              HasSubstr("is empty"));
}

TEST_F(ReadData, CsvEventsAndMatrices) {
  const std::string events = put("e.csv", "t,channel\n3,1\n0,0\n3,1\n");
  DataSet set = read(events, shaped({2}));
  EXPECT_THAT(set.samples[0].events,
              ElementsAre(Event{0, 0, 1}, Event{3, 1, 1}));
  EXPECT_EQ(set.samples[0].steps, 4);
  const std::string valued =
      put("v.csv", "neuron;step;value\n1;3;0.5\n1;3;0.25\n");
  set = read(valued, {});
  EXPECT_THAT(set.samples[0].events, ElementsAre(Event{3, 1, 0.75f}));
  EXPECT_THAT(set.samples[0].shape, ElementsAre(2));
  EXPECT_THAT(failure(put("f.csv", "t,channel\n0,2\n"), shaped({2})),
              HasSubstr("event 0: channel 2"));
  EXPECT_THAT(failure(put("f.csv", "t,channel\n0.5,1\n"), shaped({2})),
              HasSubstr("is not a step"));
  EXPECT_THAT(failure(put("f.csv", "t,channel\n-1,1\n"), shaped({2})),
              HasSubstr("is not a step"));
  EXPECT_THAT(failure(put("f.csv", "t,channel,value\n1,1,nan\n")),
              HasSubstr("not finite"));
  set = read(put("m.csv", "0 1\n1 0\n0 0\n"), shaped({2}));
  EXPECT_EQ(set.samples[0].steps, 3);
  EXPECT_THAT(set.samples[0].events,
              ElementsAre(Event{0, 1, 1}, Event{1, 0, 1}));
}

/// One event of N-MNIST by hand.
std::string event(int x, int y, int polarity, int micros) {
  std::string bytes;
  for (int byte : {x, y, (polarity << 7) | (micros >> 16), micros >> 8, micros})
    bytes += static_cast<char>(byte);
  return bytes;
}

TEST_F(ReadData, RecordingsAreBinnedFromTheFirstEvent) {
  // bins of 1 ms from 500 us on; (c * 34 + y) * 34 + x
  const std::string path =
      put("a.bin", event(3, 2, 1, 500) + event(3, 2, 1, 1499) +
                       event(33, 33, 0, 1500) + event(0, 0, 0, 0x7fffff));
  DataSet set = read(path, {});
  EXPECT_EQ(set.samples[0].steps, 300);
  EXPECT_THAT(set.samples[0].shape, ElementsAre(2, 34, 34));
  EXPECT_THAT(set.samples[0].events, ElementsAre(Event{0, (34 + 2) * 34 + 3, 1},
                                                 Event{1, 33 * 34 + 33, 1}));
  ReadOptions options = shaped({2 * 34 * 34});
  options.merge = Merge::Sum;
  options.steps = 10000;
  options.binMicroseconds = 2000;
  set = read(path, options);
  EXPECT_THAT(set.samples[0].events,
              ElementsAre(Event{0, 33 * 34 + 33, 1},
                          Event{0, (34 + 2) * 34 + 3, 2},
                          Event{4194, 0, 1})); // (2^23 - 1 - 500) / 2000
}

TEST_F(ReadData, ClockOverflowsAreAddedUp) {
  const std::string path = put(
      "a.bin", event(1, 1, 0, 100) + event(0, 240, 0, 0) + event(2, 1, 0, 50));
  // 8192 + 50 - 100 us lie in bin 8
  EXPECT_THAT(read(path, {}).samples[0].events,
              ElementsAre(Event{0, 35, 1}, Event{8, 36, 1}));
}

TEST_F(ReadData, BadRecordingsAreRefused) {
  EXPECT_THAT(failure(put("a.bin", "1234567")),
              HasSubstr("offset 5: holds 7 bytes, which is no multiple of 5"));
  EXPECT_THAT(failure(put("a.bin", event(34, 0, 0, 0))),
              HasSubstr("event 0: x, y = 34, 0 lies outside"));
  EXPECT_THAT(failure(put("a.bin", event(0, 0, 0, 9) + event(0, 0, 0, 8))),
              HasSubstr("sort the recording"));
  EXPECT_THAT(failure(put("a.bin", event(0, 240, 0, 9))),
              HasSubstr("no events"));
  EXPECT_THAT(failure(put("a.bin", event(0, 0, 0, 9)), shaped({12})),
              HasSubstr("(2, height, width), it is (12)"));
  ReadOptions options;
  options.binMicroseconds = 0;
  EXPECT_THAT(failure(put("a.bin", event(0, 0, 0, 9)), options),
              HasSubstr("positive"));
}

TEST_F(ReadData, FoldersAndLists) {
  put("3/b10.bin", event(10, 0, 0, 0));
  put("3/b9.bin", event(9, 0, 0, 0));
  put("12/x.bin", event(0, 0, 0, 0));
  DataSet set = read(folder, {});
  EXPECT_THAT(set.labels, ElementsAre(3, 3, 12));
  ASSERT_EQ(set.samples.size(), 3u);
  EXPECT_EQ(set.samples[0].events[0].neuron, 9u); // b9 before b10
  const std::string list = put("list.txt", "#sample #class\nb10\t1\nx.bin 0\n");
  set = read(list, {});
  EXPECT_THAT(set.labels, ElementsAre(1, 0));
  EXPECT_THAT(read(folder, {}).labels, ElementsAre(1, 0)); // takes the list
  put("list.txt", "b10 1\nnone 2\n");
  EXPECT_THAT(failure(list),
              HasSubstr("list.txt, line 2: there is no recording 'none'"));
  put("list.txt", "b10 1\nb9 x\n");
  EXPECT_THAT(failure(list), HasSubstr("line 2: is not of the form"));
  fs::create_directory(folder + "/empty");
  EXPECT_THAT(failure(folder + "/empty"), HasSubstr("holds no .bs2"));
}

TEST_F(ReadData, SameResultOnAnyNumberOfThreads) {
  ReadOptions options = shaped({8});
  options.encode = EncodeOptions{Encoding::Rate, 20, 400, 5};
  const std::string path = put("i.npy", ramp({40, 8}));
  const DataSet one = read(path, options);
  options.threads = 4;
  options.firstSample = 7; // the same images in another position
  const DataSet four = read(path, options);
  for (size_t i = 0; i < four.samples.size(); ++i)
    EXPECT_EQ(four.samples[i].events, one.samples[i + 7].events);
  // the first error wins
  std::vector<float> values(40 * 8, 1.0f);
  values[13 * 8] = values[39 * 8] = -1;
  options.firstSample = 0;
  EXPECT_THAT(
      failure(put("n.npy", npyBytes(NdArray::of({40, 8}, values))), options),
      HasSubstr("image 13"));
}

TEST_F(ReadData, BrokenBytesNeverCrash) {
  const CounterRandom random(3);
  uint64_t counter = 0;
  const std::map<std::string, std::string> files = {
      {"a.npy", ramp({3, 2})},
      {"a.csv", "t,channel,value\n3,1,2\n0,0,1\n"},
      {"b.csv", "1,2\n3,4\n"},
      {"a.bin", event(3, 2, 1, 500) + event(3, 2, 1, 1499)},
      {"idx", std::string("\0\0\x08\3\0\0\0\1\0\0\0\1\0\0\0\2ab", 18)},
      {"l.txt", "a 1\na.bin 1\n"}};
  for (const auto &[name, good] : files)
    for (int round = 0; round < 300; ++round) {
      std::string bad = good;
      for (int flips = 0; flips < 1 + round % 3; ++flips)
        bad[random.at(counter++) % bad.size()] =
            static_cast<char>(random.at(counter++));
      if (round % 3 == 0)
        bad.resize(random.at(counter++) % bad.size());
      (void)failure(put(name, bad), round % 2 ? shaped({2}) : ReadOptions());
    }
}

//===--- Real recordings --------------------------------------------------===//

TEST_F(RealData, NmnistFramesEqualThePublishedOnes) {
  // The frames hold the first test sample of each digit, (T, digit, C, H, W),
  // and count events. The readers' order of axes, polarity, origin of time
  // and cut at 300 ms are right exactly when no value differs.
  NpzArrays frames =
      llvm::cantFail(readNpz(data + "nmnist/cnn_numbers_reconstructed.npz"));
  const NdArray &expected = frames.at("frames");
  constexpr int64_t neurons = 2 * 34 * 34;

  std::istringstream list(
      llvm::cantFail(readFile(data + "nmnist/test100.txt")));
  std::map<int, std::string> first;
  std::string name, line;
  for (int label; std::getline(list, line);)
    if (std::istringstream(line) >> name >> label)
      first.emplace(label, name);
  ASSERT_EQ(first.size(), 10u);

  for (const auto &[digit, sample] : first)
    for (Merge merge : {Merge::Sum, Merge::One}) {
      ReadOptions options = shaped({2, 34, 34});
      options.merge = merge;
      const DataSet set =
          read(data + "nmnist/test/" + sample + ".bs2", options);
      const std::vector<float> dense = set.samples[0].toDense();
      int64_t wrong = 0;
      for (int64_t t = 0; t < 300; ++t)
        for (int64_t i = 0; i < neurons; ++i) {
          double value = expected.valueAt((t * 10 + digit) * neurons + i);
          if (merge == Merge::One)
            value = value > 0;
          wrong += value != dense[static_cast<size_t>(t * neurons + i)];
        }
      EXPECT_EQ(wrong, 0) << "digit " << digit;
    }
}

TEST_F(RealData, NmnistList) {
  ReadOptions options;
  options.threads = 2;
  const DataSet set = read(data + "nmnist/test100.txt", options);
  ASSERT_EQ(set.samples.size(), 100u);
  ASSERT_EQ(set.labels.size(), 100u);
  // MNIST's first test labels
  EXPECT_THAT(std::vector<int64_t>(set.labels.begin(), set.labels.begin() + 10),
              ElementsAre(7, 2, 1, 0, 4, 1, 4, 9, 5, 9));
}

TEST_F(RealData, EventCounts) {
  auto count = [&](const char *name) {
    const std::string path = data + "event_fixtures/" + name;
    return llvm::cantFail(parseNmnist(llvm::cantFail(readFile(path)), path))
        .size();
  };
  EXPECT_EQ(count("sample_nmnist.bin"), 4325u);
  EXPECT_EQ(count("dvs128/1.bs2"), 63471u);
  EXPECT_EQ(count("dvs128/10.bs2"), 85936u);
  const DataSet dvs =
      read(data + "event_fixtures/dvs128/1.bs2", shaped({2, 128, 128}));
  EXPECT_EQ(dvs.samples[0].steps, 1450); // 28 us .. 1,449,996 us
  EXPECT_THAT(failure(data + "event_fixtures/dvs128/1.bs2"),
              HasSubstr("outside of the network's input (2, 34, 34)"));
}

TEST_F(RealData, BrailleArrayEqualsItsEventList) {
  const std::string stem = data + "braille/ds_test_sample0_input";
  const DataSet array = read(stem + ".npy", shaped({12}));
  ReadOptions options = shaped({12});
  options.steps = 256;
  const DataSet list = read(stem + "_events.csv", options);
  EXPECT_EQ(array.samples[0].events.size(), 539u);
  EXPECT_EQ(array.samples[0].events, list.samples[0].events);
  EXPECT_EQ(array.samples[0].steps, list.samples[0].steps);
}

TEST_F(RealData, NirDataEqualsTheReference) {
  // The file records the activity of snnTorch, which the private reference
  // reproduces without a wrong spike.
  const DataSet set =
      read(data + "nir/generated/braille_sample0_activity.nirdata", {});
  NpzArrays arrays = llvm::cantFail(
      readNpz(data + "braille/expected_noDelay_bias_zero__euler_zero.npz"));
  ASSERT_EQ(set.samples.size(), 1u);
  EXPECT_EQ(set.samples[0].events.size(), 119u);
  EXPECT_TRUE(set.samples[0].toDense() == arrays.at("lif1").toFloats());
  EXPECT_THAT(failure(data + "nir/generated/braille_sample0_activity.nirdata",
                      shaped({12})),
              HasSubstr("found bool (1, 256, 38)"));
}

TEST_F(RealData, MnistIdx) {
  ReadOptions options = shaped({1, 28, 28});
  options.encode = EncodeOptions{Encoding::Latency, 2, 0, 1};
  options.threads = 2;
  const DataSet set = read(data + "mnist/t10k-images-idx3-ubyte.gz", options);
  ASSERT_EQ(set.samples.size(), 10000u);
  std::vector<int> histogram(10);
  for (int64_t label : set.labels)
    ++histogram.at(static_cast<size_t>(label));
  EXPECT_THAT(histogram, ElementsAre(980, 1135, 1032, 1010, 982, 892, 958, 1028,
                                     974, 1009));
}

} // namespace
} // namespace hillock::runtime

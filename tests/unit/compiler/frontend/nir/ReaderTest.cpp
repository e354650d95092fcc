//===- tests/unit/compiler/frontend/nir/ReaderTest.cpp --------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/nir/NodeTable.h"
#include "tests/unit/compiler/frontend/nir/Helpers.h"
#include <filesystem>

namespace hillock::nir::test {
namespace {

using testing::HasSubstr;

// Minima and maxima below were read from the files with h5py.
TEST(NirReader, ReadsThePaperNetworks) {
  HILLOCK_NEED_DATA();
  auto graph = readFile(dataFolder() + "03_rnn/braille_noDelay_bias_zero.nir");
  ASSERT_TRUE(bool(graph)) << textOf(std::move(graph));
  EXPECT_EQ(graph->file, "braille_noDelay_bias_zero.nir");
  EXPECT_EQ(graph->version, "0.2.0");
  EXPECT_EQ(graph->nodes.size(), 7u);
  EXPECT_EQ(graph->edges.size(), 7u);
  EXPECT_TRUE(graph->remarks.empty());
  const Tensor &weight = findNode(*graph, "fc1")->fields.at("weight");
  EXPECT_EQ(weight.shape, (Shape{38, 12}));
  EXPECT_FALSE(weight.isDouble());
  double least = 0, most = 0;
  for (size_t i = 0; i < weight.size(); ++i) {
    least = std::min(least, weight.at(i));
    most = std::max(most, weight.at(i));
  }
  EXPECT_NEAR(least, -5.70042, 1e-5);
  EXPECT_NEAR(most, 1.03932, 1e-5);
  const Node *lif = findNode(*graph, "lif1.lif");
  EXPECT_EQ(lif->type, NodeType::CubaLIF);
  EXPECT_TRUE(lif->fields.at("tau_syn").isDouble());
  EXPECT_NEAR(lif->fields.at("tau_syn").at(0), 0.001 / 4.5, 1e-9);
}

TEST(NirReader, ReadsConvolutionsAndCompressedData) {
  HILLOCK_NEED_DATA();
  auto plain = readFile(dataFolder() + "02_cnn/cnn_sinabs.nir");
  ASSERT_TRUE(bool(plain)) << textOf(std::move(plain));
  const Node *conv = findNode(*plain, "0");
  EXPECT_EQ(conv->integers.at("stride"), (std::vector<int64_t>{2, 2}));
  EXPECT_EQ(conv->integers.at("groups"), (std::vector<int64_t>{1}));
  EXPECT_EQ(conv->fields.at("weight").shape, (Shape{16, 2, 5, 5}));
  EXPECT_EQ(findNode(*plain, "8")->integers.at("input_type"), (Shape{8, 4, 4}));
  auto gzip =
      readFile(dataFolder() + "generated/conv_pool_string_padding_gzip.nir");
  ASSERT_TRUE(bool(gzip)) << textOf(std::move(gzip));
  const Node *same = findNode(*gzip, "conv2d");
  EXPECT_EQ(same->strings.at("padding"), "same");
  EXPECT_NEAR(same->fields.at("bias").at(0), -1.065838, 1e-6);
}

TEST(NirReader, ReadsMetadataAndNames) {
  HILLOCK_NEED_DATA();
  auto all = readFile(dataFolder() + "generated/all_neurons_vec6.nir");
  ASSERT_TRUE(bool(all)) << textOf(std::move(all));
  EXPECT_EQ(std::get<double>(all->metadata.at("dt")), 1e-4);
  EXPECT_EQ(std::get<std::string>(all->metadata.at("reset")), "subtract");
  auto odd = readFile(dataFolder() + "generated/node_names_odd.nir");
  ASSERT_TRUE(bool(odd)) << textOf(std::move(odd));
  EXPECT_TRUE(findNode(*odd, "net.0 weight-\xc3\xbc"));
}

TEST(NirReader, WritingAndReadingAgainChangesNothing) {
  HILLOCK_NEED_DATA();
  int files = 0;
  for (const auto &entry :
       std::filesystem::recursive_directory_iterator(dataFolder())) {
    if (entry.path().extension() != ".nir")
      continue;
    auto graph = readFile(entry.path());
    if (!graph) {
      llvm::consumeError(graph.takeError());
      continue;
    }
    ++files;
    auto bytes = writeMemory(*graph, {false});
    ASSERT_TRUE(bool(bytes)) << textOf(std::move(bytes));
    auto again = readMemory(*bytes, "again.nir");
    ASSERT_TRUE(bool(again)) << textOf(std::move(again));
    EXPECT_TRUE(*again == *graph) << entry.path();
    auto second = writeMemory(*again, {false});
    ASSERT_TRUE(bool(second));
    EXPECT_EQ(*second, *bytes) << "the writer must be deterministic";
  }
  EXPECT_GE(files, 10);
}

TEST(NirReader, WritesOptionalFieldsForOtherReaders) {
  auto bytes = writeMemory(smallGraph());
  ASSERT_TRUE(bool(bytes));
  auto again = readMemory(*bytes, "again.nir");
  ASSERT_TRUE(bool(again)) << textOf(std::move(again));
  EXPECT_EQ(findNode(*again, "lif")->fields.at("v_reset"),
            (Tensor{{4}, std::vector<float>(4, 0)}));
}

TEST(NirReader, TakesAnyNumberWidth) {
  std::vector<int8_t> weights(24, -3);
  std::vector<int64_t> taus(4, 7);
  std::vector<double> leaks(4, 0.1);
  float threshold = 2;
  auto graph = readEdited(smallGraph(), [&](hid_t file) {
    setData(file, "/node/nodes/fc/weight", H5T_NATIVE_INT8, {4, 6},
            weights.data());
    setData(file, "/node/nodes/lif/tau", H5T_NATIVE_INT64, {4}, taus.data());
    setData(file, "/node/nodes/lif/v_leak", H5T_IEEE_F64BE, {4}, leaks.data());
    setData(file, "/node/nodes/lif/v_threshold", H5T_NATIVE_FLOAT, {},
            &threshold);
  });
  ASSERT_TRUE(bool(graph)) << textOf(std::move(graph));
  EXPECT_EQ(findNode(*graph, "fc")->fields.at("weight").at(23), -3);
  EXPECT_FALSE(findNode(*graph, "fc")->fields.at("weight").isDouble());
  const Node *lif = findNode(*graph, "lif");
  EXPECT_EQ(lif->fields.at("tau").at(3), 7);
  EXPECT_TRUE(lif->fields.at("v_leak").isDouble());
  EXPECT_EQ(lif->fields.at("v_threshold").shape, Shape{});
  EXPECT_EQ(lif->fields.at("v_threshold").at(0), 2);
}

TEST(NirReader, TakesStringsOfFixedLength) {
  auto graph = readEdited(smallGraph(), [](hid_t file) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, 8);
    const char edges[] = "input\0\0\0fc\0\0\0\0\0\0fc\0\0\0\0\0\0lif\0\0\0\0\0"
                         "lif\0\0\0\0\0output\0";
    setData(file, "/node/edges", type, {3, 2}, edges);
    H5Tclose(type);
  });
  ASSERT_TRUE(bool(graph)) << textOf(std::move(graph));
  EXPECT_EQ(graph->edges, smallGraph().edges);
}

TEST(NirReader, CollapsesDuplicateEdgesWithARemark) {
  Graph graph = smallGraph();
  graph.edges.push_back({"fc", "lif"});
  auto bytes = writeMemory(graph, {false});
  auto again = readMemory(*bytes, "test.nir");
  ASSERT_TRUE(bool(again)) << textOf(std::move(again));
  EXPECT_EQ(again->edges, smallGraph().edges);
  ASSERT_EQ(again->remarks.size(), 1u);
  EXPECT_THAT(again->remarks[0], HasSubstr("'fc' -> 'lif'"));
}

TEST(NirReader, TakesATopLevelThatIsNotAGraph) {
  auto graph = readEdited(smallGraph(), [](hid_t file) {
    H5Lmove(file, "/node/nodes/lif", file, "/lif", H5P_DEFAULT, H5P_DEFAULT);
    H5Ldelete(file, "/node", H5P_DEFAULT);
    H5Lmove(file, "/lif", file, "/node", H5P_DEFAULT, H5P_DEFAULT);
  });
  ASSERT_TRUE(bool(graph)) << textOf(std::move(graph));
  ASSERT_EQ(graph->nodes.size(), 1u);
  EXPECT_EQ(graph->nodes[0].type, NodeType::LIF);
  auto flat = normalize(*graph);
  ASSERT_TRUE(bool(flat)) << textOf(std::move(flat));
  EXPECT_EQ(flat->nodes.size(), 3u);
  EXPECT_EQ(flat->nodes[0].shapeOut, (Shape{4}));
}

TEST(NirReader, IgnoresUnknownFieldsWithARemark) {
  double value = 1;
  auto graph = readEdited(smallGraph(), [&](hid_t file) {
    setData(file, "/node/nodes/lif/surprise", H5T_NATIVE_DOUBLE, {}, &value);
  });
  ASSERT_TRUE(bool(graph)) << textOf(std::move(graph));
  ASSERT_EQ(graph->remarks.size(), 1u);
  EXPECT_THAT(graph->remarks[0], HasSubstr("unknown field 'surprise'"));
}

TEST(NirReader, KnowsAllNineteenTypes) {
  EXPECT_EQ(nodeTable().size(), 19u);
  for (const NodeSpec &spec : nodeTable()) {
    EXPECT_EQ(&specOf(spec.type), &spec) << spec.name;
    EXPECT_EQ(parseNodeType(spec.name), spec.type);
  }
}

/// A weight of ones, as one LZF chunk: one float, then 92 bytes from 4 back.
std::string lzfFile() {
  return editedFile(smallGraph(), [&](hid_t file) {
    constexpr H5Z_filter_t lzfFilter = 32000;
    hid_t create = H5Pcreate(H5P_DATASET_CREATE);
    hsize_t dims[] = {4, 6}, origin[] = {0, 0};
    H5Pset_chunk(create, 2, dims);
    unsigned values[] = {4, 0x0105, 96};
    H5Pset_filter(create, lzfFilter, H5Z_FLAG_OPTIONAL, 3, values);
    hid_t data = replaceData(file, "/node/nodes/fc/weight", H5T_IEEE_F32LE,
                             {4, 6}, nullptr, create);
    const uint8_t chunk[] = {3, 0, 0, 0x80, 0x3f, 0xE0, 83, 3};
    H5Dwrite_chunk(data, H5P_DEFAULT, 0, origin, sizeof chunk, chunk);
    H5Dclose(data);
    H5Pclose(create);
  });
}

TEST(NirReader, ReadsLzfFilteredDataSets) {
  auto graph = readMemory(lzfFile(), "test.nir");
  ASSERT_TRUE(bool(graph)) << textOf(std::move(graph));
  EXPECT_EQ(findNode(*graph, "fc")->fields.at("weight"),
            (Tensor{{4, 6}, std::vector<float>(24, 1)}));
}

/// A weight of 0 ... 23 in chunks that do not divide it.
std::string chunkedFile(bool shrunk) {
  return editedFile(smallGraph(), [&](hid_t file) {
    hid_t create = H5Pcreate(H5P_DATASET_CREATE);
    hsize_t chunk[] = {3, 4}, origin[] = {0, 0};
    H5Pset_chunk(create, 2, chunk);
    H5Pset_shuffle(create);
    H5Pset_deflate(create, 4);
    std::vector<float> values(24);
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = float(i);
    hid_t data = replaceData(file, "/node/nodes/fc/weight", H5T_IEEE_F32LE,
                             {4, 6}, values.data(), create);
    // The zlib form of four bytes where 48 belong (stored, one block).
    const uint8_t four[] = {0x78, 0x01, 1, 4, 0, 0xfb, 0xff, 0,
                            0,    0,    0, 0, 4, 0,    1};
    if (shrunk)
      H5Dwrite_chunk(data, H5P_DEFAULT, 0, origin, sizeof four, four);
    H5Dclose(data);
    H5Pclose(create);
  });
}

TEST(NirReader, ReadsShuffledAndDeflatedChunks) {
  auto graph = readMemory(chunkedFile(false), "test.nir");
  ASSERT_TRUE(bool(graph)) << textOf(std::move(graph));
  const Tensor &weight = findNode(*graph, "fc")->fields.at("weight");
  ASSERT_EQ(weight.shape, (Shape{4, 6}));
  for (size_t i = 0; i < 24; ++i)
    EXPECT_EQ(weight.at(i), double(i));
  EXPECT_THAT(textOf(readMemory(chunkedFile(true), "test.nir")),
              HasSubstr("a chunk has the wrong size"));
}

} // namespace
} // namespace hillock::nir::test

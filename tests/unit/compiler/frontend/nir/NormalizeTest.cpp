//===- tests/unit/compiler/frontend/nir/NormalizeTest.cpp -----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tests/unit/compiler/frontend/nir/Helpers.h"

namespace hillock::nir::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

Expected<FlatGraph> load(const std::string &name, bool fixTransposed = false) {
  auto graph = readFile(dataFolder() + name);
  if (!graph)
    return graph.takeError();
  return normalize(std::move(*graph), {fixTransposed});
}

Shape shapeOf(const FlatGraph &flat, const std::string &name) {
  const FlatNode *node = findFlat(flat, name);
  return node ? node->shapeOut : Shape{-1};
}

/// The output shape of node 'c' between an Input and an Output without shape.
std::string convShape(Node node, Shape in) {
  node.name = node.path = "c";
  auto flat =
      normalize(makeGraph({input("input", in), node}, {{"input", "c"}}));
  if (!flat)
    return takeText(flat.takeError());
  std::string text;
  for (int64_t extent : findFlat(*flat, "c")->shapeOut)
    text += (text.empty() ? "" : "x") + std::to_string(extent);
  return text;
}

TEST(NirNormalize, CutsTheRecurrentEdgeBehindTheNeuron) {
  HILLOCK_NEED_DATA();
  for (const char *name : {"03_rnn/braille_noDelay_bias_zero.nir",
                           "03_rnn/braille_noDelay_noBias_subtract.nir"}) {
    auto flat = load(name);
    ASSERT_TRUE(bool(flat)) << textOf(std::move(flat));
    EXPECT_EQ(sourcesOf(*flat, "lif1.w_rec"), "lif1.lif~");
    EXPECT_EQ(sourcesOf(*flat, "lif1.lif"), "fc1 lif1.w_rec");
    EXPECT_EQ(sourcesOf(*flat, "fc2"), "lif1.lif");
    EXPECT_TRUE(flat->remarks.empty());
  }
}

TEST(NirNormalize, SplicesSubgraphsIn) {
  HILLOCK_NEED_DATA();
  auto flat = load("generated/nested_recurrent.nir");
  ASSERT_TRUE(bool(flat)) << textOf(std::move(flat));
  EXPECT_EQ(flat->nodes.size(), 6u);
  EXPECT_EQ(sourcesOf(*flat, "rnn.lif"), "fc rnn.w_rec");
  EXPECT_EQ(sourcesOf(*flat, "rnn.w_rec"), "rnn.lif~");
  EXPECT_EQ(sourcesOf(*flat, "ro"), "rnn.lif");
  EXPECT_EQ(findFlat(*flat, "rnn.lif")->node.path, "rnn/lif");
}

TEST(NirNormalize, InfersThePaperConvolutions) {
  HILLOCK_NEED_DATA();
  // The second file has batch axes, no input_shape, and a Flatten of zeros.
  for (const char *name :
       {"02_cnn/cnn_sinabs.nir", "quirks/scnn_mnist_2023_no_input_shape.nir"}) {
    auto flat = load(name);
    ASSERT_TRUE(bool(flat)) << textOf(std::move(flat));
    EXPECT_EQ(shapeOf(*flat, "input"), (Shape{2, 34, 34}));
    EXPECT_EQ(shapeOf(*flat, "0"), (Shape{16, 16, 16}));
    EXPECT_EQ(shapeOf(*flat, "4"), (Shape{16, 8, 8}));
    EXPECT_EQ(shapeOf(*flat, "7"), (Shape{8, 4, 4}));
    EXPECT_EQ(shapeOf(*flat, "8"), (Shape{128}));
    EXPECT_EQ(shapeOf(*flat, "output"), (Shape{10}));
    const Node &node = findFlat(*flat, "1")->node;
    EXPECT_EQ(node.fields.at("v_threshold").shape, Shape{});
    EXPECT_EQ(node.fields.at("v_reset"), Tensor::scalar(0));
    EXPECT_EQ(findFlat(*flat, "0")->node.integers.at("input_shape"),
              (Shape{34, 34}));
  }
}

TEST(NirNormalize, OldAndOddFiles) {
  HILLOCK_NEED_DATA();
  auto rockpool = load("01_lif/lif_rockpool.nir");
  ASSERT_TRUE(bool(rockpool)) << textOf(std::move(rockpool));
  EXPECT_EQ(shapeOf(*rockpool, "output"), (Shape{1}));
  auto norse = load("quirks/lif_norse_2023_07.nir");
  ASSERT_TRUE(bool(norse)) << textOf(std::move(norse));
  EXPECT_THAT(norse->remarks, Contains(HasSubstr("time steps")));
  std::string spyx = textOf(load("quirks/spyx_shd.nir"));
  EXPECT_THAT(spyx, AllOf(HasSubstr("(128, 64) fits only transposed"),
                          HasSubstr("node 'LIF', field 'tau'"),
                          HasSubstr("8 of 64 values")));
  spyx = textOf(load("quirks/spyx_shd.nir", true));
  EXPECT_THAT(spyx, testing::Not(HasSubstr("transposed")));
  EXPECT_THAT(spyx, HasSubstr("must be positive"));
}

// Expected sizes: floor((in + 2 pad - dil (k - 1) - 1) / stride) + 1 by hand.
TEST(NirNormalize, WindowsFollowEveryAxisByItself) {
  using T = NodeType;
  EXPECT_EQ(convShape(conv("c", T::Conv2d, {4, 2, 5, 3}, 1, 0), {2, 9, 7}),
            "4x5x5");
  EXPECT_EQ(convShape(conv("c", T::Conv2d, {8, 2, 3, 3}, 2, 1, 2), {4, 9, 7}),
            "8x5x4");
  EXPECT_EQ(convShape(conv("c", T::Conv1d, {4, 2, 5}, 2, 1), {2, 20}), "4x9");
  Node same = conv("c", T::Conv2d, {4, 2, 4, 3}, 1, 0);
  same.integers.erase("padding");
  same.strings["padding"] = "same";
  EXPECT_EQ(convShape(same, {2, 9, 7}), "4x9x7");
  same.integers["stride"] = {2};
  EXPECT_THAT(convShape(same, {2, 9, 7}), HasSubstr("needs stride 1"));
  Node pool = makeNode(T::AvgPool2d, "c");
  pool.integers = {
      {"kernel_size", {2, 2}}, {"stride", {2, 2}}, {"padding", {0, 0}}};
  EXPECT_EQ(convShape(pool, {3, 7, 5}), "3x3x2");
  EXPECT_THAT(convShape(conv("c", T::Conv2d, {4, 2, 9, 3}, 1, 0), {2, 7, 7}),
              HasSubstr("does not fit"));
  EXPECT_THAT(convShape(conv("c", T::Conv2d, {4, 3, 3, 3}, 1, 0), {2, 7, 7}),
              AllOf(HasSubstr("edge 'input' -> 'c'"), HasSubstr("(2, 7, 7)"),
                    HasSubstr("(3, ?, ?)")));
}

TEST(NirNormalize, ResolvesSamePaddingOfEvenKernels) {
  Node same = conv("c", NodeType::Conv2d, {4, 2, 4, 3}, 1, 0);
  same.integers.erase("padding");
  same.strings["padding"] = "same";
  auto flat =
      normalize(makeGraph({input("input", {2, 9, 7}), same}, {{"input", "c"}}));
  ASSERT_TRUE(bool(flat)) << textOf(std::move(flat));
  const Node &node = findFlat(*flat, "c")->node;
  EXPECT_EQ(node.integers.at("padding"), (Shape{1, 1}));
  EXPECT_EQ(node.integers.at("padding_end"), (Shape{2, 1}));
  EXPECT_TRUE(node.strings.empty());
}

TEST(NirNormalize, BroadcastsParameters) {
  Graph graph = smallGraph();
  Node &lif = graph.nodes[2];
  lif.fields["tau"] = Tensor::scalar(0.02);
  lif.fields["r"] = filled({1}, 3);
  lif.fields["v_threshold"] = Tensor{{1, 4}, std::vector<float>{1, 2, 3, 4}};
  auto flat = normalize(graph);
  ASSERT_TRUE(bool(flat)) << textOf(std::move(flat));
  const Node &node = findFlat(*flat, "lif")->node;
  EXPECT_EQ(node.fields.at("tau"), Tensor::scalar(0.02));
  EXPECT_EQ(node.fields.at("r"), Tensor::scalar(3));
  EXPECT_EQ(node.fields.at("v_threshold").shape, (Shape{4}));
  EXPECT_EQ(node.fields.at("v_threshold").at(2), 3);

  Node scale = makeNode(NodeType::Scale, "s");
  scale.fields["scale"] = Tensor{{2, 1, 1}, std::vector<float>{5, 7}};
  flat = normalize(
      makeGraph({input("input", {2, 2, 2}), scale}, {{"input", "s"}}));
  ASSERT_TRUE(bool(flat)) << textOf(std::move(flat));
  const Tensor &wide = findFlat(*flat, "s")->node.fields.at("scale");
  EXPECT_EQ(wide,
            (Tensor{{2, 2, 2}, std::vector<float>{5, 5, 5, 5, 7, 7, 7, 7}}));
}

TEST(NirNormalize, ScalarPopulationsTakeTheSizeOfTheirNeighbours) {
  Graph graph = makeGraph(
      {input("input", {256, 12}), linear("fc", 38, 12), lif("lif", {}),
       linear("ro", 7, 38), lif("last", {1})},
      {{"input", "fc"}, {"fc", "lif"}, {"lif", "ro"}, {"ro", "last"}});
  auto flat = normalize(graph);
  ASSERT_TRUE(bool(flat)) << textOf(std::move(flat));
  EXPECT_EQ(shapeOf(*flat, "input"), (Shape{12}));
  EXPECT_EQ(shapeOf(*flat, "lif"), (Shape{38}));
  EXPECT_EQ(shapeOf(*flat, "last"), (Shape{7}));
  EXPECT_EQ(shapeOf(*flat, "output_last"), (Shape{7}));
  EXPECT_THAT(flat->remarks, Contains(HasSubstr("batch or time")));
}

TEST(NirNormalize, MismatchesNameTheEdgeAndBothShapes) {
  Graph graph = smallGraph();
  graph.nodes[2] = lif("lif", {5});
  EXPECT_THAT(textOf(normalize(graph)),
              AllOf(HasSubstr("test.nir: edge 'fc' -> 'lif'"), HasSubstr("(5)"),
                    HasSubstr("(4)")));
  graph = makeGraph({input("input", {2, 3}), linear("fc", 4, 6)},
                    {{"input", "fc"}});
  EXPECT_THAT(textOf(normalize(graph)), HasSubstr("add a Flatten"));
}

TEST(NirNormalize, TransposesOnRequest) {
  Graph graph = smallGraph();
  Tensor weight{{6, 4}, std::vector<float>(24)};
  for (size_t i = 0; i < 24; ++i)
    std::get<0>(weight.values)[i] = float(i);
  graph.nodes[0].fields["weight"] = weight;
  EXPECT_THAT(textOf(normalize(graph)), HasSubstr("--fix-transposed"));
  auto flat = normalize(graph, {true});
  ASSERT_TRUE(bool(flat)) << textOf(std::move(flat));
  const Tensor &fixed = findFlat(*flat, "fc")->node.fields.at("weight");
  EXPECT_EQ(fixed.shape, (Shape{4, 6}));
  EXPECT_EQ(fixed.at(1), 4); // row 0, column 1 was row 1, column 0
  EXPECT_EQ(fixed.at(6), 1);
}

TEST(NirNormalize, FlattenReadsAxesAsItsUserNeeds) {
  for (int64_t start : {0, 1}) {
    Node flatten = makeNode(NodeType::Flatten, "f");
    flatten.integers = {{"start_dim", {start}}, {"end_dim", {-1}}};
    auto flat = normalize(
        makeGraph({input("input", {2, 3, 4}), flatten, linear("fc", 5, 24)},
                  {{"input", "f"}, {"f", "fc"}}));
    ASSERT_TRUE(bool(flat)) << textOf(std::move(flat));
    EXPECT_EQ(shapeOf(*flat, "f"), (Shape{24}));
    EXPECT_EQ(findFlat(*flat, "f")->node.integers.at("start_dim"), (Shape{0}));
  }
}

TEST(NirNormalize, CyclesWithoutStateAreErrors) {
  Graph graph = smallGraph();
  graph.nodes.push_back(linear("x", 4, 4));
  graph.nodes.push_back(linear("y", 4, 4));
  for (Edge edge :
       {Edge{"x", "y"}, Edge{"y", "x"}, Edge{"fc", "x"}, Edge{"y", "lif"}})
    graph.edges.push_back(edge);
  EXPECT_THAT(textOf(normalize(graph)),
              AllOf(HasSubstr("'x' and 'y'"), HasSubstr("no neuron")));
}

TEST(NirNormalize, CutsSelfLoopsAndLongLoops) {
  Graph graph =
      makeGraph({input("in", {4}), lif("a", {4}), linear("w", 4, 4),
                 lif("b", {4}), linear("back", 4, 4), output("out", {4})},
                {{"in", "a"},
                 {"a", "a"},
                 {"a", "w"},
                 {"w", "b"},
                 {"b", "back"},
                 {"back", "a"},
                 {"b", "out"}});
  auto flat = normalize(graph);
  ASSERT_TRUE(bool(flat)) << textOf(std::move(flat));
  EXPECT_EQ(sourcesOf(*flat, "a"), "a~ back in");
  EXPECT_EQ(sourcesOf(*flat, "w"), "a");
  EXPECT_EQ(sourcesOf(*flat, "back"), "b~");
  EXPECT_EQ(sourcesOf(*flat, "out"), "b");
}

TEST(NirNormalize, ADelayBreaksACycleByItself) {
  Node delay = makeNode(NodeType::Delay, "d");
  delay.fields["delay"] = filled({4}, 0.002);
  Graph graph =
      makeGraph({input("in", {4}), lif("a", {4}), delay, output("out", {4})},
                {{"in", "a"}, {"a", "d"}, {"d", "a"}, {"a", "out"}});
  auto flat = normalize(graph);
  ASSERT_TRUE(bool(flat)) << textOf(std::move(flat));
  EXPECT_EQ(sourcesOf(*flat, "d"), "a");
  EXPECT_EQ(sourcesOf(*flat, "a"), "d in");
  graph.nodes[1].fields["delay"] = filled({4}, 0);
  flat = normalize(graph);
  ASSERT_TRUE(bool(flat)) << textOf(std::move(flat));
  EXPECT_EQ(sourcesOf(*flat, "d"), "a~");
}

TEST(NirNormalize, PortsAndMissingMarkersOfSubgraphs) {
  Graph bare = makeGraph({lif("lif", {4}), linear("w", 4, 4)},
                         {{"lif", "w"}, {"w", "lif"}});
  Graph graph =
      makeGraph({linear("fc", 4, 6), subgraph("g", bare)}, {{"fc", "g"}});
  auto flat = normalize(graph);
  ASSERT_TRUE(bool(flat)) << textOf(std::move(flat));
  EXPECT_EQ(sourcesOf(*flat, "g.lif"), "fc g.w");
  EXPECT_EQ(sourcesOf(*flat, "fc"), "input_fc");
  EXPECT_EQ(sourcesOf(*flat, "output_g.lif"), "g.lif");

  Graph two = makeGraph(
      {input("a", {4}), input("b", {4}), lif("lif", {4}), output("o", {4})},
      {{"a", "lif"}, {"b", "lif"}, {"lif", "o"}});
  graph = makeGraph(
      {input("in", {6}), linear("x", 4, 6), linear("y", 4, 6),
       subgraph("g", two), output("out", {4})},
      {{"in", "x"}, {"in", "y"}, {"x", "g.a"}, {"y", "g.b"}, {"g.o", "out"}});
  flat = normalize(graph);
  ASSERT_TRUE(bool(flat)) << textOf(std::move(flat));
  EXPECT_EQ(sourcesOf(*flat, "g.lif"), "x y");
  EXPECT_EQ(sourcesOf(*flat, "out"), "g.lif");
  graph.edges[3].to = "g";
  EXPECT_THAT(textOf(normalize(graph)), HasSubstr("2 nodes of type Input"));
  auto bytes = writeMemory(graph);
  EXPECT_EQ(textOf(readMemory(*bytes, "test.nir")), "");
}

TEST(NirNormalize, TopologicalOrder) {
  HILLOCK_NEED_DATA();
  auto flat = load("03_rnn/braille_noDelay_bias_zero.nir");
  ASSERT_TRUE(bool(flat));
  for (size_t i = 0; i < flat->nodes.size(); ++i)
    for (const Wire &wire : flat->nodes[i].inputs)
      EXPECT_TRUE(wire.delayed || wire.from < i);
}

} // namespace
} // namespace hillock::nir::test

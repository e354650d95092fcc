//===- tests/unit/compiler/frontend/nir/FeedforwardTest.cpp ---------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Graphs without neurons; expected values by hand. A file that another program
// wrote is in tests/lit/tools/feedforward.test.
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/nir/Feedforward.h"
#include "compiler/ann/RealEval.h"
#include "tests/unit/compiler/frontend/nir/Helpers.h"

namespace hillock::nir::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Node pool(NodeType type, const std::string &name, int64_t kernel) {
  Node node = makeNode(type, name);
  for (const char *field : {"kernel_size", "stride"})
    node.integers[field] = {kernel};
  node.integers["padding"] = {0};
  return node;
}

Expected<ann::Network> import(Graph graph) {
  auto flat = normalize(std::move(graph));
  if (!flat)
    return flat.takeError();
  return importFeedforward(*flat);
}

std::vector<float> run(Graph graph, const std::vector<float> &x) {
  auto net = import(std::move(graph));
  if (!net) {
    ADD_FAILURE() << takeText(net.takeError());
    return {};
  }
  ann::RealRunner runner(*net);
  const auto out = runner.run(x);
  return {out.begin(), out.end()};
}

TEST(NirFeedforward, SeveralEdgesAreASum) {
  // 0.5 * (1 + 2) twice, and 0.5 * 3 once more behind it.
  const Graph graph = makeGraph(
      {input("in", {2}), linear("a", 2, 2), linear("b", 2, 2),
       linear("c", 1, 2), output("out", {1})},
      {{"in", "a"}, {"in", "b"}, {"a", "c"}, {"b", "c"}, {"c", "out"}});
  EXPECT_THAT(run(graph, {1, 2}), ElementsAre(0.5f * (3 + 3)));
}

TEST(NirFeedforward, PoolsAndScales) {
  const std::vector<float> x = {1, 2, 3, 4};
  const auto over = [&](Node node, Shape shape) {
    return run(makeGraph({input("in", {1, 2, 2}), node, output("out", shape)},
                         {{"in", "node"}, {"node", "out"}}),
               x);
  };
  EXPECT_THAT(over(pool(NodeType::SumPool2d, "node", 2), {1, 1, 1}),
              ElementsAre(10));
  EXPECT_THAT(over(pool(NodeType::AvgPool2d, "node", 2), {1, 1, 1}),
              ElementsAre(2.5f));
  Node scale = makeNode(NodeType::Scale, "node");
  scale.fields["scale"] = {{1, 2, 2}, std::vector<double>{1, 10, 100, 1000}};
  EXPECT_THAT(over(scale, {1, 2, 2}), ElementsAre(1, 20, 300, 4000));
}

TEST(NirFeedforward, ConvolutionsOverOneAxis) {
  const Graph graph = makeGraph(
      {input("in", {1, 4}), conv("conv", NodeType::Conv1d, {1, 1, 2}, 2, 0),
       output("out", {1, 2})},
      {{"in", "conv"}, {"conv", "out"}});
  EXPECT_THAT(run(graph, {1, 3, 5, 7}), ElementsAre(1, 3));
}

TEST(NirFeedforward, NodesWithAStateAreNamed) {
  EXPECT_THAT(textOf(import(smallGraph())),
              HasSubstr("test.nir: node 'lif': a LIF has a state or spikes"));
  Node threshold = makeNode(NodeType::Threshold, "step");
  threshold.fields["threshold"] = filled({2}, 1);
  const Graph graph =
      makeGraph({input("in", {2}), threshold, output("out", {2})},
                {{"in", "step"}, {"step", "out"}});
  EXPECT_THAT(textOf(import(graph)), HasSubstr("node 'step': a Threshold"));
}

TEST(NirFeedforward, HasOneInputAndOneOutput) {
  EXPECT_THAT(
      textOf(import(makeGraph({input("in", {2}), input("in2", {2}),
                               linear("a", 1, 2), output("out", {1})},
                              {{"in", "a"}, {"in2", "a"}, {"a", "out"}}))),
      HasSubstr("node 'in2': is a second input"));
  EXPECT_THAT(
      textOf(import(makeGraph({input("in", {2}), linear("a", 1, 2),
                               output("out", {1}), output("out2", {1})},
                              {{"in", "a"}, {"a", "out"}, {"a", "out2"}}))),
      HasSubstr("node 'out2': is a second output"));
}

TEST(NirFeedforward, WeightsMustBeFinite) {
  Node bad = linear("a", 1, 2);
  bad.fields["weight"] = {{1, 2}, std::vector<double>{1, HUGE_VAL}};
  EXPECT_THAT(
      textOf(import(makeGraph({input("in", {2}), bad, output("out", {1})},
                              {{"in", "a"}, {"a", "out"}}))),
      HasSubstr("'a'"));
}

TEST(NirFeedforward, IsToldFromNetworksWithNeurons) {
  const std::string folder = testing::TempDir();
  const auto tell = [&](const Graph &graph) {
    const std::string path = folder + "/hillock_feedforward.nir";
    llvm::cantFail(writeFile(path, graph));
    return isFeedforward(path);
  };
  const Graph plain =
      makeGraph({input("in", {2}), linear("a", 1, 2), output("out", {1})},
                {{"in", "a"}, {"a", "out"}});
  EXPECT_TRUE(tell(plain));
  EXPECT_FALSE(tell(smallGraph()));
  // Also inside of a subgraph.
  EXPECT_FALSE(tell(makeGraph(
      {input("in", {6}), subgraph("g", smallGraph()), output("out", {4})},
      {{"in", "g"}, {"g", "out"}})));
  EXPECT_FALSE(
      tell(makeGraph({input("in", {2}), output("out", {2})}, {{"in", "out"}})));
  EXPECT_FALSE(isFeedforward(folder + "/is_not_there.nir"));
}

} // namespace
} // namespace hillock::nir::test

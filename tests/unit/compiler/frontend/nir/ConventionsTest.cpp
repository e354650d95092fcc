//===- tests/unit/compiler/frontend/nir/ConventionsTest.cpp ---------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tests/unit/compiler/frontend/nir/Helpers.h"
#include <cmath>

namespace hillock::nir::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

Expected<Resolved> resolveGraph(Graph graph,
                                const ConventionOptions &options = {}) {
  auto flat = normalize(std::move(graph));
  if (!flat)
    return flat.takeError();
  return resolve(*flat, options);
}

Expected<Resolved> resolveFile(const std::string &name,
                               const ConventionOptions &options = {}) {
  auto graph = readFile(dataFolder() + name);
  if (!graph)
    return graph.takeError();
  return resolveGraph(std::move(*graph), options);
}

/// Two populations of different time constants.
Graph twoLayers(double tau1, double r1, double tau2, double r2) {
  return makeGraph(
      {input("input", {6}), linear("fc", 4, 6), lif("lif", {4}, tau1, r1),
       linear("ro", 2, 4), lif("last", {2}, tau2, r2)},
      {{"input", "fc"}, {"fc", "lif"}, {"lif", "ro"}, {"ro", "last"}});
}

TEST(NirConventions, RecoversTheStepOfThePaperFiles) {
  HILLOCK_NEED_DATA();
  // The Braille networks were trained with dt = 1e-4, the LIF example as well.
  for (const char *name : {"03_rnn/braille_noDelay_bias_zero.nir",
                           "03_rnn/braille_noDelay_noBias_subtract.nir",
                           "01_lif/lif_rockpool.nir"}) {
    auto resolved = resolveFile(name);
    ASSERT_TRUE(bool(resolved)) << textOf(std::move(resolved));
    EXPECT_DOUBLE_EQ(resolved->dt.value, 1e-4) << name;
    EXPECT_THAT(resolved->dt.source, HasSubstr("inferred"));
    EXPECT_EQ(resolved->dtSeconds(), resolved->dt.value);
  }
  auto steps = resolveFile("02_cnn/cnn_sinabs.nir");
  ASSERT_TRUE(bool(steps)) << textOf(std::move(steps));
  EXPECT_EQ(steps->dt.value, 1);
  EXPECT_EQ(steps->timeUnit.value, TimeUnit::Steps);
  EXPECT_TRUE(steps->stepNormalized.value);
  EXPECT_FALSE(steps->dtSeconds().has_value());
}

TEST(NirConventions, AsksWhenTheFileSaysNothing) {
  HILLOCK_NEED_DATA();
  EXPECT_THAT(textOf(resolveFile("01_lif/lif_norse.nir")),
              AllOf(HasSubstr("node '1'"), HasSubstr("tau = 0.0025"),
                    HasSubstr("--dt")));
  ConventionOptions options;
  options.dt = 1e-4;
  auto resolved = resolveFile("01_lif/lif_norse.nir", options);
  ASSERT_TRUE(bool(resolved)) << textOf(std::move(resolved));
  EXPECT_EQ(resolved->dt.source, "--dt");
}

TEST(NirConventions, MetadataComesBeforeInferenceAndAfterOptions) {
  HILLOCK_NEED_DATA();
  auto resolved = resolveFile("generated/all_neurons_vec6.nir");
  ASSERT_TRUE(bool(resolved)) << textOf(std::move(resolved));
  EXPECT_EQ(resolved->dt.value, 1e-4);
  EXPECT_EQ(resolved->dt.source, "metadata of the file");
  EXPECT_EQ(resolved->reset.value, Reset::Subtract);
  ConventionOptions options;
  options.reset = Reset::Value;
  options.dt = 5e-4;
  resolved = resolveFile("generated/all_neurons_vec6.nir", options);
  ASSERT_TRUE(bool(resolved)) << textOf(std::move(resolved));
  EXPECT_EQ(resolved->reset.value, Reset::Value);
  EXPECT_EQ(resolved->dt.value, 5e-4);
}

TEST(NirConventions, KnowsTheRulesOfTheExporters) {
  double dt = 2e-3;
  auto source = [&](Graph graph, double expected) -> std::string {
    auto resolved = resolveGraph(std::move(graph));
    if (!resolved)
      return takeText(resolved.takeError());
    EXPECT_NEAR(resolved->dt.value, expected, 1e-9 * expected);
    return resolved->dt.source;
  };
  EXPECT_THAT(source(twoLayers(0.02, 0.02 / dt, 0.03, 0.03 / dt), dt),
              HasSubstr("snnTorch"));
  EXPECT_THAT(source(twoLayers(0.02, 1 - dt / 0.02, 0.03, 1 - dt / 0.03), dt),
              HasSubstr("Spyx"));
  auto rockpool = [&](double tau) { return tau / dt * std::exp(-dt / tau); };
  EXPECT_THAT(source(twoLayers(0.02, rockpool(0.02), 0.03, rockpool(0.03)), dt),
              HasSubstr("Rockpool"));
  EXPECT_THAT(
      source(twoLayers(0.02, 7, 0.03, 11), dt),
      AllOf(HasSubstr("node 'lif'"), HasSubstr("tau / r"), HasSubstr("--dt")));
}

Graph integrateAndFire(double r) {
  Node node = makeNode(NodeType::IF, "if");
  node.fields["r"] = filled({4}, r);
  node.fields["v_threshold"] = filled({4}, 1);
  return makeGraph({input("input", {4}), node}, {{"input", "if"}});
}

TEST(NirConventions, IntegrateAndFire) {
  auto resolved = resolveGraph(integrateAndFire(10000));
  ASSERT_TRUE(bool(resolved)) << textOf(std::move(resolved));
  EXPECT_DOUBLE_EQ(resolved->dt.value, 1e-4);
  EXPECT_FALSE(resolved->stepNormalized.value);
  ConventionOptions options;
  options.dt = 1e-3;
  resolved = resolveGraph(integrateAndFire(1), options);
  ASSERT_TRUE(bool(resolved)) << textOf(std::move(resolved));
  EXPECT_TRUE(resolved->stepNormalized.value);
  EXPECT_THAT(resolved->remarks, Contains(HasSubstr("once a step")));
}

TEST(NirConventions, RefusesStepsThatEulerCannotTake) {
  ConventionOptions options;
  options.dt = 0.02;
  EXPECT_THAT(textOf(resolveGraph(smallGraph(), options)),
              AllOf(HasSubstr("node 'lif', field 'tau'"),
                    HasSubstr("shorter than the time step 0.02")));
  options.integrator = Integrator::Exact;
  EXPECT_EQ(textOf(resolveGraph(smallGraph(), options)), "");
  options.dt = -1;
  EXPECT_THAT(textOf(resolveGraph(smallGraph(), options)),
              HasSubstr("not positive"));
}

TEST(NirConventions, WarnsOfOtherUnitsAndDisagreement) {
  ConventionOptions options;
  options.dt = 1;
  auto resolved = resolveGraph(twoLayers(20, 1, 30, 1), options);
  ASSERT_TRUE(bool(resolved)) << textOf(std::move(resolved));
  EXPECT_THAT(resolved->remarks, Contains(HasSubstr("--time-unit")));
  options.timeUnit = TimeUnit::Milliseconds;
  resolved = resolveGraph(twoLayers(20, 20, 30, 30), options);
  ASSERT_TRUE(bool(resolved)) << textOf(std::move(resolved));
  EXPECT_DOUBLE_EQ(*resolved->dtSeconds(), 1e-3);
  options.dt = 2;
  options.timeUnit.reset();
  resolved = resolveGraph(twoLayers(20, 5, 30, 7.5), options);
  ASSERT_TRUE(bool(resolved)) << textOf(std::move(resolved));
  EXPECT_THAT(resolved->remarks, Contains(HasSubstr("is not the 4")));
}

TEST(NirConventions, HintsOfSingleNodes) {
  Graph graph = twoLayers(0.02, 10, 0.03, 15);
  for (Node &node : graph.nodes)
    if (node.name == "lif")
      node.metadata["reset"] = std::string("subtract");
  graph.metadata["integrator"] = std::string("nonsense");
  auto flat = normalize(graph);
  ASSERT_TRUE(bool(flat));
  auto resolved = resolve(*flat);
  ASSERT_TRUE(bool(resolved)) << textOf(std::move(resolved));
  for (size_t i = 0; i < flat->nodes.size(); ++i)
    EXPECT_EQ(resolved->nodeReset[i] == Reset::Subtract,
              flat->nodes[i].node.name == "lif");
  EXPECT_THAT(resolved->remarks, Contains(HasSubstr("'integrator'")));
  EXPECT_EQ(resolved->table().size(), 7u);
}

} // namespace
} // namespace hillock::nir::test

//===- tests/unit/emulator/noc/ThroughputTest.cpp -------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An 8 x 8 mesh, one core a tile, a flit a cycle on every channel, against
// theory: loads of channels (Dally and Towles 2004, sections 3.2 and 3.3) and
// the waiting time of an output queue (Karol, Hluchyj, Morgan, IEEE Trans.
// Communications 35(12), 1987). And against BookSim 2 (github.com/booksim,
// commit 28f4329; Jiang et al., ISPASS 2013), run with
//
//   topology = mesh; k = 8; n = 2; routing_function = dor; num_vcs = 1;
//   speculative = 1; packet_size = 1; wait_for_tail_credit = 0; all other
//   delays 1 (routing 0); speedups 1; sim_type = throughput or latency.
//
// Its uniform traffic has a 64th part for the sender itself, which takes no
// channel; ours has none.
//
//===----------------------------------------------------------------------===//
#include "tests/unit/emulator/noc/MeshTesting.h"
#include <algorithm>

using namespace hillock;
using namespace hillock::emu;
using namespace hillock::test;

namespace {

MeshConfig square(uint32_t buffer) {
  MeshConfig config;
  config.width = config.height = 8;
  config.bufferFlits = buffer;
  return config;
}

/// Flits a cycle and node that arrive in the middle half of a run.
double throughput(const MeshConfig &config, const Ran &ran) {
  std::vector<uint64_t> times;
  for (const Delivery &each : ran.deliveries)
    times.push_back(each.arrived);
  std::sort(times.begin(), times.end());
  const size_t quarter = times.size() / 4;
  return double(2 * quarter) / double(times[3 * quarter] - times[quarter]) /
         config.nodes();
}

// Half of a node's packets cross the middle: 32 nodes * l * 32/63 over 8
// channels of 1, so l <= 63/128 = 0.492. First-in first-out inputs without
// virtual channels lose some of it to packets that wait behind others (a
// single such switch, with many ports, has 2 - sqrt 2 = 0.586 left).
TEST(Throughput, UniformStaysBelowTheBisection) {
  const double bound = 63.0 / 128;
  TrafficOptions options;
  options.packetsPerNode = 3000;
  double last = 0;
  for (uint32_t buffer : {4u, 8u, 16u, 64u}) {
    const MeshConfig config = square(buffer);
    const double got =
        throughput(config, runMesh(config, makeTraffic(config, options)));
    RecordProperty("buffer" + std::to_string(buffer), std::to_string(got));
    EXPECT_LT(got, bound) << buffer;
    EXPECT_GT(got, 0.586 * bound) << buffer;
    EXPECT_GT(got, last) << buffer; // more room, more throughput
    last = got;
  }
}

// Below saturation what is offered is accepted.
TEST(Throughput, UniformBelowSaturation) {
  const MeshConfig config = square(16);
  TrafficOptions options;
  options.packetsPerNode = 4000;
  for (double load : {0.05, 0.1, 0.2, 0.3}) {
    options.load = load;
    const double got =
        throughput(config, runMesh(config, makeTraffic(config, options)));
    EXPECT_NEAR(got, load, 0.02 * load);
  }
}

// At little load a packet takes the mean distance, 2 * 21/8 * 64/63 = 16/3
// hops, and the two channels of the cores; then latency rises with load.
TEST(Throughput, UniformLatencyRises) {
  const MeshConfig config = square(16);
  TrafficOptions options;
  options.packetsPerNode = 3000;
  double last = 0;
  for (double load : {0.005, 0.1, 0.2, 0.3, 0.35}) {
    options.load = load;
    Ran ran = runMesh(config, makeTraffic(config, options));
    double sum = 0;
    for (const Delivery &each : ran.deliveries)
      sum += double(each.arrived - each.accepted);
    const double mean = sum / double(ran.deliveries.size());
    if (load == 0.005)
      EXPECT_NEAR(mean, 2 + 16.0 / 3, 0.1);
    EXPECT_GT(mean, last);
    last = mean;
  }
}

// BookSim's accepted rate at an offered rate of 1, mean of three seeds: 0.394
// with 16 flits of buffer, 0.398 with 64. (With fewer its longer credit round
// trip limits a channel: 0.370 with 8, 0.233 with 4.)
TEST(Throughput, UniformSaturatesWhereBookSimDoes) {
  TrafficOptions options;
  options.packetsPerNode = 4000;
  for (const auto &[buffer, theirs] :
       {std::pair(16u, 0.3944), std::pair(64u, 0.3975)}) {
    const MeshConfig config = square(buffer);
    const double got =
        throughput(config, runMesh(config, makeTraffic(config, options)));
    EXPECT_NEAR(got, theirs * 63 / 64, 0.02 * got) << buffer;
  }
}

// The curve up to saturation: what a packet waits beyond its time on an empty
// mesh. BookSim, 64 flits: packet latency less 20.73, its value at a load of
// 0.005 (where a packet waits for some hundredths of a cycle).
TEST(Throughput, UniformWaitsAsInBookSim) {
  const MeshConfig config = square(64);
  TrafficOptions options;
  options.packetsPerNode = 6000;
  for (const auto &[load, theirs] :
       {std::pair(0.1, 0.32), std::pair(0.2, 0.83), std::pair(0.3, 2.30),
        std::pair(0.35, 4.50)}) {
    options.load = load * 63 / 64;
    const Traffic traffic = makeTraffic(config, options);
    const Ran ran = runMesh(config, traffic);
    double sum = 0;
    for (uint32_t node = 0; node < config.nodes(); ++node)
      for (uint32_t p = traffic.first[node]; p < traffic.first[node + 1]; ++p)
        sum +=
            double(ran.deliveries[p].arrived - ran.deliveries[p].accepted -
                   emptyLatency(config, node, traffic.packets[p].destination));
    const double wait = sum / double(ran.deliveries.size());
    RecordProperty("wait" + std::to_string(load), std::to_string(wait));
    EXPECT_NEAR(wait, theirs, 0.07 + 0.01 * theirs) << load;
  }
}

// X before Y: the channel from column 6 to 7 in row 7 carries the packets of
// seven nodes; so does the one from row 7 to 6 in column 7. K packets a node
// need 7 K cycles, and nothing else slows them down.
TEST(Throughput, TransposeIsBoundByTheCorner) {
  TrafficOptions options;
  options.pattern = TrafficPattern::Transpose;
  options.packetsPerNode = 1000;
  const MeshConfig config = square(16);
  Ran ran = runMesh(config, makeTraffic(config, options));
  EXPECT_GE(ran.result.cycles, 7000u);
  EXPECT_LE(ran.result.cycles, 7000u + 7 * 16 + 14 + 2);
  const auto busiest = std::max_element(ran.result.linkFlits.begin(),
                                        ran.result.linkFlits.end());
  EXPECT_EQ(*busiest, 7000u);

  options.load = 0.9 / 7; // below 1/7 all of it is accepted
  options.packetsPerNode = 3000;
  ran = runMesh(config, makeTraffic(config, options));
  // 56 of the 64 nodes send.
  EXPECT_NEAR(throughput(config, ran), options.load * 56 / 64,
              0.03 * options.load);
}

// BookSim takes all of a load of 0.14 and 0.015 and not that of 0.15 and 0.016:
// between them lie 1/7 and 1/64 (a 64th of the hotspot's load is its own).
TEST(Throughput, TransposeAndHotspotSaturateWhereBookSimDoes) {
  TrafficOptions options;
  options.pattern = TrafficPattern::Transpose;
  options.packetsPerNode = 3000;
  const MeshConfig config = square(16);
  auto takesAll = [&](double load, uint64_t slowest) {
    options.load = load;
    const Ran ran = runMesh(config, makeTraffic(config, options));
    // Offered in packets / load cycles; what is not taken takes longer.
    const double offered = options.packetsPerNode / load;
    EXPECT_LT(double(ran.result.cycles), 1.2 * double(slowest) + offered);
    return double(ran.result.cycles) < 1.06 * offered;
  };
  EXPECT_TRUE(takesAll(0.13, 7 * 3000));
  EXPECT_FALSE(takesAll(0.15, 7 * 3000));
  options.pattern = TrafficPattern::Hotspot;
  options.hotspot = 27;
  options.packetsPerNode = 6000;
  EXPECT_TRUE(takesAll(0.0145, 63 * 6000));
  EXPECT_FALSE(takesAll(0.017, 63 * 6000));
}

// 63 nodes, one channel into the core: 63 K cycles, for every buffer.
TEST(Throughput, HotspotIsBoundByItsChannel) {
  TrafficOptions options;
  options.pattern = TrafficPattern::Hotspot;
  options.hotspot = 27;
  options.packetsPerNode = 100;
  for (uint32_t buffer : {2u, 4u, 64u}) {
    const MeshConfig config = square(buffer);
    const Traffic traffic = makeTraffic(config, options);
    Ran ran = runMesh(config, traffic);
    EXPECT_GE(ran.result.cycles, 6300u);
    EXPECT_LE(ran.result.cycles, 6300u + 20);
  }
}

// A buffer of B flits on a channel whose places come back after latency +
// credit latency cycles passes B of them in that time.
TEST(Throughput, CreditsBoundAChannel) {
  MeshConfig config;
  config.width = 2;
  config.x = {10, 1};
  config.creditLatency = 6;
  for (uint32_t buffer : {1u, 4u, 8u, 15u, 16u, 20u}) {
    config.bufferFlits = buffer;
    std::vector<Packet> packets(4000, {1, 1, 0});
    Ran ran = runMesh(config, fromNode(config, 0, packets));
    const double perCycle = 2 * throughput(config, ran); // one node sends
    EXPECT_NEAR(perCycle, std::min(1.0, buffer / 16.0), 0.001) << buffer;
  }
}

// n cores of a tile send to one with probability p/n each in a cycle: the mean
// wait in the output's queue is (n-1)/n * p / (2 (1-p)) cycles.
TEST(Throughput, WaitingTimeOfAnOutput) {
  constexpr uint32_t senders = 8;
  MeshConfig config;
  config.coresPerTile = senders + 1;
  config.bufferFlits = 4096; // so that sources never wait
  TrafficOptions options;
  options.pattern = TrafficPattern::Hotspot;
  options.hotspot = senders;
  options.packetsPerNode = 60000;
  for (double p : {0.2, 0.5, 0.8}) {
    options.load = p / senders;
    Ran ran = runMesh(config, makeTraffic(config, options));
    double sum = 0;
    for (const Delivery &each : ran.deliveries)
      sum += double(each.arrived - each.accepted - 2);
    const double theory = (senders - 1.0) / senders * p / (2 * (1 - p));
    EXPECT_NEAR(sum / double(ran.deliveries.size()), theory, 0.05 * theory)
        << p;
  }
}

} // namespace

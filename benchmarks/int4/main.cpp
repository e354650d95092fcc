//===- benchmarks/int4/main.cpp - hillock-bench-int4 ----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whole networks on one core: our native code with weights of 4 and of 8 bits
// beside float32 by OpenBLAS and by oneDNN. All take the same real samples, so
// rounding them to codes is part of our time. Contenders take turns, and the
// counters are those of each one's fastest turn: disturbance only adds time.
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Native.h"
#include "benchmarks/int4/Networks.h"
#include "benchmarks/int4/Peer.h"
#include "compiler/ann/RealEval.h"
#include <algorithm>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sched.h>
#include <unistd.h>

namespace hillock::bench {

namespace {

/// Our code, fed with real numbers.
class Native {
public:
  static Expected<Native> create(const ann::IntNetwork &network) {
    Native made;
    auto runner = int4::NativeRunner::create(network, {}, network.name);
    if (!runner)
      return runner.takeError();
    made.runner = std::move(*runner);
    made.network = &network;
    const auto count = [&](int value) {
      return static_cast<size_t>(
          ann::countElements(network.values[static_cast<size_t>(value)].shape)
              .value_or(0));
    };
    made.codes.resize(count(network.input));
    made.result.resize(count(network.output));
    made.memory.resize(made.runner->code().arenaBytes + 64);
    return std::move(made);
  }

  void run(const float *input, int64_t batch, int32_t *output) {
    const ann::Quantization &q =
        network->values[static_cast<size_t>(network->input)].q;
    const auto inverse = static_cast<float>(1 / q.scale);
    const auto zero = static_cast<float>(q.zero);
    const auto low = static_cast<float>(q.low);
    const auto high = static_cast<float>(q.high);
    const auto address = reinterpret_cast<uintptr_t>(memory.data());
    char *arena = memory.data() + (64 - address % 64) % 64;
    for (int64_t b = 0; b < batch; ++b) {
      for (size_t i = 0; i < codes.size(); ++i)
        codes[i] = static_cast<int8_t>(std::min(
            std::max(std::nearbyint(input[i] * inverse) + zero, low), high));
      runner->run(codes.data(), output, arena);
      input += codes.size();
      output += result.size();
    }
  }
  size_t outputs() const { return result.size(); }

  /// That all outputs are those of the plain evaluation.
  std::string problem(const PublishedNetwork &with) {
    ann::IntRunner plain(*network);
    for (size_t s = 0; s < with.samples.size(); ++s) {
      run(with.samples[s].data(), 1, result.data());
      const auto all = plain.run(with.samples[s]);
      const auto [wanted, found] =
          std::mismatch(all.begin(), all.end(), result.begin());
      if (wanted != all.end())
        return "the native code gives " + std::to_string(*found) +
               " as output " + std::to_string(wanted - all.begin()) +
               " of sample " + std::to_string(s) + ", the integer evaluation " +
               std::to_string(*wanted);
    }
    return "";
  }

private:
  std::unique_ptr<int4::NativeRunner> runner;
  const ann::IntNetwork *network = nullptr;
  std::vector<int8_t> codes;
  std::vector<int32_t> result;
  std::vector<char> memory;
};

/// Of float results, by the largest of them.
constexpr double mostDifference = 1e-4;

/// Everything that a batch needs, in the same samples.
struct Contest {
  std::string problem;
  int64_t batch = 1;
  std::vector<float> input, real;
  std::vector<int32_t> integer;
  std::optional<Native> narrow, wide;
  std::unique_ptr<Peer> openBlas, oneDnn;
};

/// Largest difference from our own float evaluation, by its largest output.
double difference(Peer &peer, Contest &contest, const PublishedNetwork &with) {
  peer.run(contest.input.data(), contest.real.data());
  ann::RealRunner plain(with.real);
  double worst = 0, largest = 0;
  size_t at = 0;
  for (int64_t b = 0; b < contest.batch; ++b)
    for (const float wanted : plain.run(with.samples[static_cast<size_t>(b)])) {
      largest = std::max(largest, std::abs(double{wanted}));
      worst = std::max(worst, std::abs(double{wanted} - contest.real[at++]));
    }
  return worst / largest;
}

Error fill(Contest &contest, const PublishedNetwork &with) {
  for (int64_t b = 0; b < contest.batch; ++b)
    contest.input.insert(contest.input.end(),
                         with.samples[static_cast<size_t>(b)].begin(),
                         with.samples[static_cast<size_t>(b)].end());
  auto narrow = Native::create(with.narrow);
  if (!narrow)
    return narrow.takeError();
  auto wide = Native::create(with.wide);
  if (!wide)
    return wide.takeError();
  contest.narrow.emplace(std::move(*narrow));
  contest.wide.emplace(std::move(*wide));
  contest.problem = contest.narrow->problem(with);
  if (contest.problem.empty())
    contest.problem = contest.wide->problem(with);
  const size_t outputs =
      contest.narrow->outputs() * static_cast<size_t>(contest.batch);
  contest.integer.resize(outputs);
  contest.real.resize(outputs);
  for (const bool first : {true, false}) {
    auto peer = first ? makeOpenBlas(with.real, contest.batch)
                      : makeOneDnn(with.real, contest.batch);
    if (!peer)
      return peer.takeError();
    if (*peer)
      if (const double off = difference(**peer, contest, with);
          !(off <= mostDifference))
        contest.problem = std::string(first ? "OpenBLAS" : "oneDNN") +
                          " differs from our float evaluation by " +
                          std::to_string(off) + " of its largest output, and " +
                          std::to_string(mostDifference) + " are allowed";
    (first ? contest.openBlas : contest.oneDnn) = std::move(*peer);
  }
  return Error::success();
}

void turn(std::map<std::string, double> &best, const std::string &name,
          const std::function<void()> &body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  auto [at, first] = best.try_emplace(name, seconds);
  at->second = std::min(at->second, seconds);
}

void contest(benchmark::State &state, const PublishedNetwork &with,
             int64_t batch) {
  Contest c;
  c.batch = batch;
  c.problem = with.problem;
  if (c.problem.empty())
    if (Error error = fill(c, with))
      c.problem = takeText(std::move(error));
  if (!c.problem.empty()) {
    state.SkipWithError(("skipped: " + c.problem).c_str());
    return;
  }
  std::map<std::string, double> best;
  for (auto _ : state) {
    turn(best, "int4",
         [&] { c.narrow->run(c.input.data(), batch, c.integer.data()); });
    turn(best, "int8",
         [&] { c.wide->run(c.input.data(), batch, c.integer.data()); });
    if (c.openBlas)
      turn(best, "openblas",
           [&] { c.openBlas->run(c.input.data(), c.real.data()); });
    if (c.oneDnn)
      turn(best, "onednn",
           [&] { c.oneDnn->run(c.input.data(), c.real.data()); });
  }
  const double ours = best.at("int4");
  double fastest = 0;
  for (const auto &[name, seconds] : best) {
    state.counters[name + "_us_a_sample"] =
        seconds / static_cast<double>(batch) * 1e6;
    if (name == "int4")
      continue;
    state.counters["ratio_to_" + name] = seconds / ours;
    if (name != "int8")
      fastest = fastest == 0 ? seconds : std::min(fastest, seconds);
  }
  if (fastest > 0)
    state.counters["ratio_to_best_fp32"] = fastest / ours;
}

/// OpenMP reads its number of threads before main() begins.
void restartOnOneThread(char **argv) {
  const char *set = std::getenv("OMP_NUM_THREADS");
  if (set && std::strcmp(set, "1") == 0)
    return;
  setenv("OMP_NUM_THREADS", "1", 1);
  execv("/proc/self/exe", argv);
}

void stayOnThisCore() {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<size_t>(sched_getcpu()), &set);
  sched_setaffinity(0, sizeof set, &set);
}

} // namespace

} // namespace hillock::bench

int main(int argc, char **argv) {
  using namespace hillock::bench;
  restartOnOneThread(argv);
  stayOnThisCore();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 2;
  std::map<std::string, PublishedNetwork> networks;
  for (const char *name : {"mnist", "kws"})
    networks.emplace(name, publishedNetwork(name));
  for (const auto &[name, network] : networks)
    for (const int64_t batch : {1, 16, 96})
      benchmark::RegisterBenchmark((name + "/" + std::to_string(batch)).c_str(),
                                   [&network, batch](benchmark::State &state) {
                                     contest(state, network, batch);
                                   })
          ->Unit(benchmark::kMicrosecond);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

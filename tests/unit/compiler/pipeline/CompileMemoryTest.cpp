//===- tests/unit/compiler/pipeline/CompileMemoryTest.cpp -----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A compilation takes at most 20 bytes a synapse and 200 MB beside them.
//
//===----------------------------------------------------------------------===//
#include "benchmarks/DenseModel.h"
#include "benchmarks/Measure.h"
#include "compiler/frontend/nir/Writer.h"
#include "compiler/pipeline/Pipeline.h"
#include "image/ImageFile.h"
#include <filesystem>
#include <gtest/gtest.h>
#include <unistd.h>

using namespace hillock;

namespace {

constexpr uint64_t bytesPerSynapse = 20, bytesBeside = 200'000'000;

/// A model file that goes away with it.
struct ModelFile {
  ModelFile(int64_t inputs, int64_t outputs)
      : path((std::filesystem::temp_directory_path() /
              ("hillock-dense-" + std::to_string(getpid()) + ".nir"))
                 .string()) {
    if (Error error = nir::writeFile(path, bench::denseGraph(inputs, outputs)))
      ADD_FAILURE() << takeText(std::move(error));
  }
  ~ModelFile() {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }
  std::string path;
};

void checkPeak(int64_t inputs, int64_t outputs, const std::string &target) {
  ModelFile file(inputs, outputs);
  if (!bench::resetPeak())
    GTEST_SKIP() << "the system does not reset the peak of resident memory";
  uint64_t before = bench::residentBytes();
  pipeline::Options options;
  options.target = target;
  options.frontend.dt = 1e-3;
  options.frontend.integrator = "euler";
  auto done = pipeline::Compilation::run(file.path, options);
  ASSERT_TRUE(bool(done)) << takeText(done.takeError());
  std::string bytes = image::serialize((*done)->image());
  uint64_t growth = bench::peakBytes() - before;
  uint64_t synapses = uint64_t(inputs * outputs);
  // The growth is not of something that was left out.
  EXPECT_GT(bytes.size(), synapses);
  EXPECT_LE(growth, bytesPerSynapse * synapses + bytesBeside);
  testing::Test::RecordProperty(
      "bytes_per_synapse", std::to_string(double(growth) / double(synapses)));
}

} // namespace

TEST(CompileMemory, OneMillionSynapses) {
#if defined(HILLOCK_SANITIZED)
  GTEST_SKIP() << "sanitizers have memory of their own";
#endif
  checkPeak(1024, 1024, "manycore");
}

// So many that 200 MB more or less no longer decide.
TEST(CompileMemory, SixteenMillionSynapses) {
#if defined(HILLOCK_SANITIZED)
  GTEST_SKIP() << "sanitizers have memory of their own";
#endif
  checkPeak(4096, 4096, "manycore");
}

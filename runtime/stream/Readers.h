//===- runtime/stream/Readers.h - The readers behind readData ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_STREAM_READERS_H
#define HILLOCK_RUNTIME_STREAM_READERS_H

#include "base/NdArray.h"
#include "base/Parallel.h"
#include "runtime/stream/ReadData.h"
#include <algorithm>

namespace hillock::runtime {

/// Each takes the bytes of \p path, which is for messages and for finding
/// files beside it.
Expected<DataSet> readArrayFile(std::string_view bytes, const std::string &path,
                                const ReadOptions &options); // .npy, .npz
Expected<DataSet> readCsvFile(std::string_view bytes, const std::string &path,
                              const ReadOptions &options);
Expected<DataSet> readRecording(std::string_view bytes, const std::string &path,
                                const ReadOptions &options); // .bin, .bs2
Expected<DataSet> readIdxFile(std::string_view bytes, const std::string &path,
                              const ReadOptions &options);
Expected<DataSet> readNirData(const std::string &path,
                              const ReadOptions &options);
Expected<DataSet> readFolder(const std::string &path,
                             const ReadOptions &options);
Expected<DataSet> readListFile(std::string_view bytes, const std::string &path,
                               const ReadOptions &options);
/// True when the first line of \p bytes names a recording beside \p path.
bool looksLikeList(std::string_view bytes, const std::string &path);

/// Splits \p array into samples by options (see ReadOptions). \p labels may be
/// null.
Expected<DataSet> samplesOfArray(const NdArray &array, const NdArray *labels,
                                 const std::string &where,
                                 const ReadOptions &options);

/// The steps of a stimulus whose data have \p found.
inline int64_t stepsFor(const ReadOptions &options, int64_t found) {
  return options.steps > 0 ? options.steps : found;
}

/// The part [first, last) of \p count samples that the options ask for.
struct SampleRange {
  int64_t first = 0, last = 0;
};
inline SampleRange selectSamples(const ReadOptions &options, int64_t count) {
  const int64_t first =
      std::min(std::max<int64_t>(options.firstSample, 0), count);
  const int64_t most = std::max<int64_t>(options.maxSamples, 0);
  return {first, first + std::min(most, count - first)};
}

/// Calls \p make(i), which returns Expected<Stimulus>, for each i of
/// \p range, on several threads. The error of the smallest i wins, so that
/// messages do not depend on the number of threads.
template <typename Make>
Expected<std::vector<Stimulus>> makeSamples(SampleRange range, unsigned threads,
                                            const Make &make) {
  struct Result {
    Stimulus sample;
    std::string text;
    ErrorKind kind = ErrorKind::Input;
  };
  std::vector<Result> results(static_cast<size_t>(range.last - range.first));
  parallelFor(range.first, range.last, threads, [&](int64_t i) {
    Result &result = results[static_cast<size_t>(i - range.first)];
    Expected<Stimulus> sample = make(i);
    if (sample)
      result.sample = std::move(*sample);
    else
      result.text = takeText(sample.takeError(), &result.kind);
  });
  std::vector<Stimulus> samples;
  samples.reserve(results.size());
  for (Result &result : results) {
    if (!result.text.empty())
      return makeError(result.kind, std::move(result.text));
    samples.push_back(std::move(result.sample));
  }
  return std::move(samples);
}

} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_STREAM_READERS_H

//===- runtime/stream/ReadData.h - Inputs from files ------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One entry for everything that can hold inputs:
//
//   .npy .npz .csv   arrays (T, N...), (S, T, N...), or images (S, N...)
//   .csv             event lists with a header "t,channel[,value]"
//   .bin .bs2        N-MNIST recordings (5 bytes an event)
//   folder, .txt     recordings with labels from sub-folders or a list
//   .nirdata         recorded data beside a NIR graph (HDF5)
//   idx, idx.gz      MNIST images, labels from the file beside
//
// with T time steps, S samples, N... the network's input. The content decides
// where it can, the extension where not.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_STREAM_READDATA_H
#define HILLOCK_RUNTIME_STREAM_READDATA_H

#include "runtime/stream/Encode.h"
#include "runtime/stream/Stimulus.h"
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace hillock::runtime {

struct ReadOptions {
  /// The network's input without time, (2, 34, 34) or (12). Empty: taken from
  /// the file where that is unambiguous.
  std::vector<int64_t> inputShape;
  /// Set: arrays are static images, to be encoded. Not set: they have time.
  std::optional<EncodeOptions> encode;
  /// Time steps of the result; longer data are cut, shorter ones end in
  /// silence. 0: those of the data; N-MNIST recordings (34 x 34) get 300.
  int64_t steps = 0;
  /// Arrays with samples are (T, S, N...) instead of (S, T, N...).
  bool timeFirst = false;
  /// Width of a step for event cameras.
  double binMicroseconds = 1000;
  /// Leave out the step in which a camera's recording ends, as tools do that
  /// keep whole frames only.
  bool wholeFrames = false;
  /// Width of a step for events of .nirdata files, in seconds; 0: the file
  /// must say it (gridded data always does).
  double dtSeconds = 0;
  /// Several events of one neuron in one step.
  Merge merge = Merge::One;
  /// Which recording of a .nirdata file; may stay empty when there is one.
  std::string node, observable;
  /// A part of a data set.
  int64_t firstSample = 0;
  int64_t maxSamples = std::numeric_limits<int64_t>::max();
  unsigned threads = 1; ///< 0: all of the machine
};

/// Reads \p path. All samples are checked (Stimulus::check); labels are empty
/// or one for each sample. The errors are input errors that name the file,
/// what was expected and found, and what to do.
Expected<DataSet> readData(const std::string &path, const ReadOptions &options);

/// One event of a camera.
struct SensorEvent {
  int64_t micros = 0;
  uint32_t x = 0, y = 0;
  uint8_t polarity = 0;
};

/// Decodes N-MNIST's format: x, y, then a bit of polarity and 23 bits of time
/// in microseconds, big-endian. Events with y = 240 mark an overflow of the
/// clock (8.192 ms) and are taken out.
Expected<std::vector<SensorEvent>> parseNmnist(std::string_view bytes,
                                               const std::string &name);

/// Counts time from the first event in bins of options.binMicroseconds. The
/// result has shape options.inputShape, which must be (2, H, W), flat
/// 2 * H * H, or empty for (2, 34, 34).
Expected<Stimulus> binEvents(std::span<const SensorEvent> events,
                             const ReadOptions &options,
                             const std::string &name);

} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_STREAM_READDATA_H

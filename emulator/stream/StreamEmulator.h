//===- emulator/stream/StreamEmulator.h - Large images ----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Step mode for images that are too large to be held twice: the file is read
// core by core, and of the tables stays what a step needs, 2 to 3 bytes a
// synapse. Spikes, states and counters are those of Emulator::create(). The
// host may send to the axons that the ports of the image name, and to no
// others; checkpoints are not made.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_STREAM_STREAMEMULATOR_H
#define HILLOCK_EMULATOR_STREAM_STREAMEMULATOR_H

#include "emulator/core/Emulator.h"
#include "image/ImageStream.h"

namespace hillock::emu {

Expected<std::unique_ptr<Emulator>> createStreamed(image::ImageReader reader,
                                                   Options options);

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_STREAM_STREAMEMULATOR_H

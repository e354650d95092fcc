//===- runtime/devices/odin/OdinDevice.cpp -------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/devices/odin/OdinDevice.h"
#include "backends/odin/SpiState.h"
#include "runtime/devices/odin/Host.h"
#include "runtime/devices/odin/Rest.h"
#include "llvm/ADT/StringExtras.h"
#include <algorithm>

namespace hillock::runtime::odin {

using hillock::odin::registerCount;
using hillock::odin::registerName;
using hillock::odin::SpiFrame;
using hillock::odin::SpiState;

static std::string hexOf(uint64_t value, unsigned digits = 0) {
  return "0x" + llvm::utohexstr(value, /*LowerCase=*/true, digits);
}

Work &Work::operator+=(const Work &other) {
  cycles += other.cycles;
  neuronEvents += other.neuronEvents;
  virtualEvents += other.virtualEvents;
  synapseEvents += other.synapseEvents;
  leaks += other.leaks;
  drifts += other.drifts;
  sops += other.sops;
  overflowed |= other.overflowed;
  lost += other.lost;
  return *this;
}

struct Device::Impl {
  Impl(Chip chip, std::unique_ptr<Pins> driven, const DeviceOptions &options)
      : options(options), pins(std::move(driven)), host(*pins, this->options),
        state(chip) {}

  Expected<ProgramResult> send(llvm::ArrayRef<uint64_t> frames);
  Error checkFrame(size_t index, SpiFrame frame, uint8_t byte,
                   ProgramResult &result);
  Error checkReady() const;
  Error checkAddress(size_t index, uint32_t address) const;
  Expected<RunResult> run(llvm::ArrayRef<Request> requests, uint64_t cycles);
  Error settle(Rest &rest);

  DeviceOptions options;
  std::unique_ptr<Pins> pins;
  Host host;
  SpiState state;
};

Device::Device(Chip chip, std::unique_ptr<Pins> pins,
               const DeviceOptions &options)
    : impl(std::make_unique<Impl>(chip, std::move(pins), options)) {}
Device::~Device() = default;

std::unique_ptr<Device> Device::create(Chip chip,
                                       const DeviceOptions &options) {
  return std::make_unique<Device>(
      chip, emulatedPins(chip, options.speed, options.powerUpSeed), options);
}

Chip Device::chip() const { return impl->state.config.chip; }
const hillock::odin::ChipConfig &Device::config() const {
  return impl->state.config;
}

//===----------------------------------------------------------------------===//
// Programming
//===----------------------------------------------------------------------===//

Expected<ProgramResult> Device::program(llvm::ArrayRef<uint64_t> frames) {
  impl->host.reset();
  return impl->send(frames);
}

Expected<ProgramResult> Device::send(llvm::ArrayRef<uint64_t> frames) {
  return impl->send(frames);
}

Expected<ProgramResult> Device::Impl::send(llvm::ArrayRef<uint64_t> frames) {
  ProgramResult result;
  const uint64_t start = host.now();
  host.onRise = host.onRelease = nullptr;
  for (size_t i = 0; i < frames.size(); ++i) {
    const SpiFrame frame{frames[i]};
    const uint8_t byte = host.sendFrame(frame.bits);
    if (frame.memory() && frame.reads())
      if (Error error = checkFrame(i, frame, byte, result))
        return std::move(error);
    state.apply(frame);
  }
  host.endFrames();
  result.frames = frames.size();
  result.bits = frames.size() * hillock::odin::kFrameBits;
  result.cycles = host.now() - start;
  return result;
}

Error Device::Impl::checkFrame(size_t index, SpiFrame frame, uint8_t byte,
                               ProgramResult &result) {
  result.bytes.push_back(byte);
  const auto expected = state.shows(frame);
  if (!expected)
    return Error::success();
  if (((expected->value ^ byte) & expected->known) != 0)
    return makeError(
        ErrorKind::Mismatch,
        describe(state.config.chip, frame) + " shows " + hexOf(byte, 2) +
            " where " + hexOf(expected->value, 2) + " was written",
        "SPI frame " + std::to_string(index + 1),
        "check the wires and that SCK is at most a quarter of the clock");
  if (expected->known == 0xFF)
    ++result.readback;
  state.learn(frame, byte);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

Error Device::Impl::checkReady() const {
  const Chip chip = state.config.chip;
  for (unsigned i = 0; i < registerCount(chip); ++i)
    if (!state.known(i))
      return inputError("the register " + registerName(chip, i) +
                            " was never written, and has no reset value",
                        "", "program the chip first");
  if (state.stopped())
    return inputError("the network is still stopped (SPI_GATE_ACTIVITY = 1)",
                      "", "end the program with the release of the gate");
  if (state.config.registers.burstTimeRef != 0 &&
      !state.config.registers.openLoop)
    return inputError("bursting (SPI_BURST_TIMEREF != 0) is not supported: the "
                      "released RTL keeps four pushes a slot",
                      "", "write 0 to SPI_BURST_TIMEREF");
  return Error::success();
}

Error Device::Impl::checkAddress(size_t index, uint32_t address) const {
  const bool tiny = state.config.chip == Chip::Tiny;
  const unsigned width = tiny ? 10 : 17;
  const std::string where = "input event " + std::to_string(index + 1);
  if (address >> width)
    return inputError(hexOf(address) + " does not fit into the " +
                          std::to_string(width) + " bits of AERIN_ADDR",
                      where);
  const bool empty =
      tiny ? (address & 0x3F0) == 0x200 : (address & 0x100FF) == 0x01;
  if (empty && options.checkEvents)
    return inputError("a virtual event of weight 0 is processed as a spike of "
                      "the neuron",
                      where, "leave it out, or send a neuron event");
  return Error::success();
}

/// Lets the clock run until the chip is at rest.
Error Device::Impl::settle(Rest &rest) {
  const uint64_t limit = host.now() + options.patience;
  while (!host.quiet() || host.now() < rest.at()) {
    if (host.now() >= limit)
      return inputError("the network does not come to rest within " +
                            std::to_string(options.patience) + " cycles",
                        "cycle " + std::to_string(host.now()),
                        "give run() a number of cycles");
    host.waitUntil(host.quiet() ? std::min(rest.at(), limit) : limit);
  }
  return Error::success();
}

Expected<RunResult> Device::run(llvm::ArrayRef<Request> requests,
                                uint64_t cycles) {
  if (Error error = impl->checkReady())
    return std::move(error);
  return impl->run(requests, cycles);
}

Expected<RunResult> Device::Impl::run(llvm::ArrayRef<Request> requests,
                                      uint64_t cycles) {
  RunResult result;
  const Chip chip = state.config.chip;
  const uint64_t start = host.now();
  const emu::odin::Work before =
      pins->work() ? *pins->work() : emu::odin::Work();
  // The gate passes two flip-flops.
  Rest rest(state.config, start + 4);
  uint32_t sent = 0;
  host.onRise = [&](const Host::Output &output) {
    result.spikes.push_back({output.rise - start, output.address, sent});
    rest.rose(output.rise);
  };
  host.onRelease = [&](const Host::Output &output) {
    rest.released(output.rise, output.release);
  };
  uint64_t ready = start;
  for (size_t i = 0; i < requests.size(); ++i) {
    const Request &request = requests[i];
    if (Error error = checkAddress(i, request.address))
      return std::move(error);
    if (request.rest)
      if (Error error = settle(rest))
        return std::move(error);
    const uint64_t from = std::max(ready, start + request.earliest);
    while (host.now() < from)
      host.waitUntil(from);
    ++sent;
    const auto input = host.sendEvent(request.address);
    if (!input)
      return inputError("the chip does not answer within " +
                            std::to_string(options.patience) + " cycles",
                        "input event " + std::to_string(i + 1) + " (" +
                            hexOf(request.address) + ")",
                        "see hillock inspect --lint for the program");
    result.acknowledged.push_back(input->rise - start);
    rest.accepted(request.address, input->rise, input->fall);
    ready = input->fall + 1 + options.inGap;
  }
  if (!cycles) {
    if (Error error = settle(rest))
      return std::move(error);
  }
  while (host.now() < start + cycles)
    host.waitUntil(start + cycles);
  result.work = rest.work();
  if (const emu::odin::Work *after = pins->work()) {
    Work &work = result.work;
    work.neuronEvents = after->neuronEvents - before.neuronEvents;
    work.virtualEvents = after->virtualEvents - before.virtualEvents;
    work.synapseEvents = after->synapseEvents - before.synapseEvents;
    work.leaks = after->leaks - before.leaks;
    work.drifts = after->drifts - before.drifts;
    work.sops = after->sops - before.sops;
    work.lost = after->lost - before.lost;
    work.overflowed = false;
  }
  result.work.cycles = host.now() - start;
  result.energy = energyOf(chip, result.work.cycles, result.work.sops);
  // Neurons have moved, and synapses may have learned.
  state.knownBits = {};
  if (chip == Chip::Odin)
    state.knownWords = {};
  return result;
}

} // namespace hillock::runtime::odin

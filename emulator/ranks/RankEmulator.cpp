//===- emulator/ranks/RankEmulator.cpp ------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/ranks/RankEmulator.h"
#include "emulator/ranks/Leader.h"

namespace hillock::emu {

RankLeader::RankLeader(std::shared_ptr<Team> team) : team(std::move(team)) {}

RankLeader::~RankLeader() { leave(); }

void RankLeader::leave() {
  if (!team)
    return;
  std::string bytes;
  wire::put(bytes, Order::Leave);
  // The others are gone already when this fails.
  llvm::consumeError(team->broadcast(bytes));
  team.reset();
}

Expected<std::unique_ptr<Emulator>>
RankLeader::emulator(LeaderImage image, Options options, bool outputsOnly) {
  if (!team)
    return makeError(ErrorKind::Internal, "no team", "ranks");
  const Part::Plan plan{dealCores(image, team->size()), image.source.hash};
  auto leader =
      std::make_unique<Leader>(team, std::move(image), std::move(options));
  if (Error error = leader->load(plan, outputsOnly))
    return std::move(error);
  return std::unique_ptr<Emulator>(std::move(leader));
}

Error serve(Team &team, const SourceOpener &open,
            std::shared_ptr<LaneCodegen> codegen) {
  std::unique_ptr<Worker> worker;
  for (;;) {
    std::string bytes;
    if (Error error = team.broadcast(bytes))
      return error;
    wire::Reader words(bytes);
    const Order order = words.get<Order>();
    if (order == Order::Leave)
      return Error::success();
    Expected<std::string> result = std::string();
    if (order == Order::Load) {
      Expected<CoreSource> source = open();
      if (source)
        worker = std::make_unique<Worker>(team, std::move(*source), codegen);
      else
        result = source.takeError();
    }
    if (result) {
      if (worker)
        result = worker->carryOut(order, words);
      else
        result = makeError(ErrorKind::Internal, "nothing is loaded", "ranks");
    }
    std::vector<std::string> nobody;
    if (Error error = team.gather(answerOf(std::move(result)), nobody))
      return error;
  }
}

} // namespace hillock::emu

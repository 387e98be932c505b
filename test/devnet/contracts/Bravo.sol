// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// Compound's Governor Bravo, as far as a reader meets it: the same events under the same types, other views, block numbers
/// only, and a quorum that is fixed. It has no clock, no counting mode and no token to ask.
contract DevBravo {
    struct Held {
        uint256 id; address proposer; uint256 eta; uint256 startBlock; uint256 endBlock;
        uint256 forVotes; uint256 againstVotes; uint256 abstainVotes; bool canceled; bool executed;
    }

    uint256 public constant votingPeriod = 40;
    uint256 public constant quorumVotes = 400_000e18;
    uint256 public proposalCount;
    mapping(uint256 => Held) public proposals;

    event ProposalCreated(uint256 id, address proposer, address[] targets, uint256[] values, string[] signatures, bytes[] calldatas, uint256 startBlock, uint256 endBlock, string description);
    event VoteCast(address indexed voter, uint256 proposalId, uint8 support, uint256 votes, string reason);
    event ProposalCanceled(uint256 id);

    function proposeAs(address proposer, string calldata description) external {
        uint256 id = ++proposalCount;
        proposals[id] = Held(id, proposer, 0, block.number + 1, block.number + 1 + votingPeriod, 0, 0, 0, false, false);
        emit ProposalCreated(id, proposer, new address[](1), new uint256[](1), new string[](1), new bytes[](1), block.number + 1, block.number + 1 + votingPeriod, description);
    }

    function castVoteAs(address voter, uint256 id, uint8 support, uint256 votes) external {
        require(state(id) == 1, "GovernorBravo::castVoteInternal: voting is closed");
        if (support == 0) proposals[id].againstVotes += votes;
        else if (support == 1) proposals[id].forVotes += votes;
        else proposals[id].abstainVotes += votes;
        emit VoteCast(voter, id, support, votes, "");
    }

    function cancel(uint256 id) external {
        proposals[id].canceled = true;
        emit ProposalCanceled(id);
    }

    function state(uint256 id) public view returns (uint8) {
        require(id > 0 && id <= proposalCount, "GovernorBravo::state: invalid proposal id");
        Held storage one = proposals[id];
        if (one.canceled) return 2;
        if (block.number <= one.startBlock) return 0;
        if (block.number <= one.endBlock) return 1;
        return one.forVotes <= one.againstVotes || one.forVotes < quorumVotes ? 3 : 4;
    }
}

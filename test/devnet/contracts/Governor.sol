// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// OpenZeppelin-like Votes and Governor. What ends in `As` takes the account that would have sent it, so that one sender
/// can play everybody.
contract DevVotesToken {
    struct Checkpoint { uint48 at; uint208 value; }

    string public name = "Devnet Votes";
    string public symbol = "DVT";
    uint8 public constant decimals = 18;
    bool internal byTime;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => address) public delegates;
    mapping(address => Checkpoint[]) internal votesOf;
    Checkpoint[] internal supplies;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event DelegateChanged(address indexed delegator, address indexed fromDelegate, address indexed toDelegate);
    event DelegateVotesChanged(address indexed delegate, uint256 previousVotes, uint256 newVotes);
    error ERC5805FutureLookup(uint256 timepoint, uint48 clock);

    constructor(bool byTime_) { byTime = byTime_; }

    function clock() public view returns (uint48) { return uint48(byTime ? block.timestamp : block.number); }
    function CLOCK_MODE() external view returns (string memory) {
        return byTime ? "mode=timestamp" : "mode=blocknumber&from=default";
    }

    function mint(address to, uint256 amount) external {
        totalSupply += amount;
        push(supplies, totalSupply);
        move(address(0), to, amount);
    }

    function transferAs(address from, address to, uint256 amount) external { move(from, to, amount); }

    function delegateAs(address delegator, address to) external {
        address from = delegates[delegator];
        delegates[delegator] = to;
        emit DelegateChanged(delegator, from, to);
        moveVotes(from, to, balanceOf[delegator]);
    }

    function getVotes(address account) public view returns (uint256) {
        Checkpoint[] storage list = votesOf[account];
        return list.length == 0 ? 0 : list[list.length - 1].value;
    }

    function getPastVotes(address account, uint256 timepoint) external view returns (uint256) {
        return past(votesOf[account], timepoint);
    }

    /// Counts tokens that nobody was given the votes of, too.
    function getPastTotalSupply(uint256 timepoint) external view returns (uint256) { return past(supplies, timepoint); }

    function move(address from, address to, uint256 amount) private {
        if (from != address(0)) balanceOf[from] -= amount;
        balanceOf[to] += amount;
        emit Transfer(from, to, amount);
        moveVotes(from == address(0) ? from : delegates[from], delegates[to], amount);
    }

    function moveVotes(address from, address to, uint256 amount) private {
        if (from == to || amount == 0) return;
        if (from != address(0)) setVotes(from, getVotes(from) - amount);
        if (to != address(0)) setVotes(to, getVotes(to) + amount);
    }

    function setVotes(address account, uint256 value) private {
        emit DelegateVotesChanged(account, getVotes(account), value);
        push(votesOf[account], value);
    }

    function push(Checkpoint[] storage list, uint256 value) private {
        uint48 now_ = clock();
        if (list.length > 0 && list[list.length - 1].at == now_) list[list.length - 1].value = uint208(value);
        else list.push(Checkpoint(now_, uint208(value)));
    }

    function past(Checkpoint[] storage list, uint256 timepoint) private view returns (uint256) {
        if (timepoint >= clock()) revert ERC5805FutureLookup(timepoint, clock());
        for (uint256 i = list.length; i > 0; i--) if (list[i - 1].at <= timepoint) return list[i - 1].value;
        return 0;
    }
}

contract DevGovernor {
    struct Held {
        address proposer; uint48 start; uint48 end; bool executed; bool canceled; uint48 eta; uint256 against; uint256 inFavour; uint256 abstain;
    }

    string public name = "Devnet Governor";
    DevVotesToken public token;
    uint256 public votingDelay;
    uint256 public votingPeriod;
    uint256 public proposalThreshold;
    uint256 public quorumNumerator;
    mapping(uint256 => Held) internal held;
    mapping(uint256 => mapping(address => bool)) public hasVoted;

    event ProposalCreated(uint256 proposalId, address proposer, address[] targets, uint256[] values, string[] signatures, bytes[] calldatas, uint256 voteStart, uint256 voteEnd, string description);
    event ProposalQueued(uint256 proposalId, uint256 etaSeconds);
    event ProposalExecuted(uint256 proposalId);
    event ProposalCanceled(uint256 proposalId);
    event ProposalExtended(uint256 indexed proposalId, uint64 extendedDeadline);
    event VoteCast(address indexed voter, uint256 proposalId, uint8 support, uint256 weight, string reason);
    event VoteCastWithParams(address indexed voter, uint256 proposalId, uint8 support, uint256 weight, string reason, bytes params);
    event QuorumNumeratorUpdated(uint256 oldQuorumNumerator, uint256 newQuorumNumerator);
    error GovernorNonexistentProposal(uint256 proposalId);
    error GovernorAlreadyCastVote(address voter);

    constructor(DevVotesToken token_, uint256 votingDelay_, uint256 votingPeriod_, uint256 quorumNumerator_) {
        token = token_;
        votingDelay = votingDelay_;
        votingPeriod = votingPeriod_;
        quorumNumerator = quorumNumerator_;
    }

    function version() external pure returns (string memory) { return "1"; }
    function clock() public view returns (uint48) { return token.clock(); }
    function CLOCK_MODE() external view returns (string memory) { return token.CLOCK_MODE(); }
    function COUNTING_MODE() external pure returns (string memory) { return "support=bravo&quorum=for,abstain"; }
    function quorumDenominator() public pure returns (uint256) { return 100; }

    function quorum(uint256 timepoint) public view returns (uint256) {
        return (token.getPastTotalSupply(timepoint) * quorumNumerator) / quorumDenominator();
    }

    function proposeAs(address proposer, address[] calldata targets, uint256[] calldata values, bytes[] calldata calldatas, string calldata description)
        external returns (uint256 id)
    {
        id = uint256(keccak256(abi.encode(targets, values, calldatas, keccak256(bytes(description)))));
        require(held[id].start == 0, "proposal exists");
        uint48 start = clock() + uint48(votingDelay);
        uint48 end = start + uint48(votingPeriod);
        held[id] = Held(proposer, start, end, false, false, 0, 0, 0, 0);
        emit ProposalCreated(id, proposer, targets, values, new string[](targets.length), calldatas, start, end, description);
    }

    function state(uint256 proposalId) public view returns (uint8) {
        Held storage one = known(proposalId);
        if (one.executed) return 7;
        if (one.canceled) return 2;
        if (one.start >= clock()) return 0;
        if (one.end >= clock()) return 1;
        if (one.inFavour + one.abstain < quorum(one.start) || one.inFavour <= one.against) return 3;
        return one.eta == 0 ? 4 : 5;
    }

    function proposalSnapshot(uint256 proposalId) external view returns (uint256) { return held[proposalId].start; }
    function proposalDeadline(uint256 proposalId) external view returns (uint256) { return held[proposalId].end; }
    function proposalProposer(uint256 proposalId) external view returns (address) { return held[proposalId].proposer; }
    function proposalEta(uint256 proposalId) external view returns (uint256) { return held[proposalId].eta; }
    function proposalVotes(uint256 proposalId) external view returns (uint256 againstVotes, uint256 forVotes, uint256 abstainVotes) {
        Held storage one = held[proposalId];
        return (one.against, one.inFavour, one.abstain);
    }

    function castVoteAs(address voter, uint256 proposalId, uint8 support, string calldata reason, bytes calldata params) external {
        require(state(proposalId) == 1, "vote not active");
        if (hasVoted[proposalId][voter]) revert GovernorAlreadyCastVote(voter);
        hasVoted[proposalId][voter] = true;
        Held storage one = held[proposalId];
        uint256 weight = token.getPastVotes(voter, one.start);
        if (support == 0) one.against += weight;
        else if (support == 1) one.inFavour += weight;
        else if (support == 2) one.abstain += weight;
        else revert("invalid vote type");
        if (params.length == 0) emit VoteCast(voter, proposalId, support, weight, reason);
        else emit VoteCastWithParams(voter, proposalId, support, weight, reason, params);
    }

    /// As GovernorPreventLateQuorum does.
    function extend(uint256 proposalId, uint48 deadline) external {
        known(proposalId).end = deadline;
        emit ProposalExtended(proposalId, deadline);
    }

    function queue(uint256 proposalId, uint48 etaSeconds) external {
        require(state(proposalId) == 4, "not succeeded");
        held[proposalId].eta = etaSeconds;
        emit ProposalQueued(proposalId, etaSeconds);
    }

    function execute(uint256 proposalId) external {
        require(state(proposalId) == 4 || state(proposalId) == 5, "not succeeded");
        held[proposalId].executed = true;
        emit ProposalExecuted(proposalId);
    }

    function cancel(uint256 proposalId) external {
        known(proposalId).canceled = true;
        emit ProposalCanceled(proposalId);
    }

    function setQuorumNumerator(uint256 numerator) external {
        emit QuorumNumeratorUpdated(quorumNumerator, numerator);
        quorumNumerator = numerator;
    }

    function known(uint256 proposalId) private view returns (Held storage one) {
        one = held[proposalId];
        if (one.end == 0) revert GovernorNonexistentProposal(proposalId);
    }
}

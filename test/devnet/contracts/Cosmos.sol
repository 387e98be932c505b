// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// Stand-ins with the ABIs of the staking (0x0800), gov (0x0805) and slashing (0x0806) precompiles of cosmos/evm, put at
/// their addresses by anvil_setCode. What begins with `put`, `drop` or `finish` is no part of those ABIs: it changes state
/// without a log, as a message signed the Cosmos way does.

struct PageRequest { bytes key; uint64 offset; uint64 limit; bool countTotal; bool reverse; }
struct PageResponse { bytes nextKey; uint64 total; }
struct Coin { string denom; uint256 amount; }
struct Dec { uint256 value; uint8 precision; }

/// Pages as x/gov and x/staking cut them: by key or by offset, ascending or reverse, the next key inclusive.
library Pages {
    function cut(uint256[] memory keys, uint256 size, PageRequest calldata asked)
        internal pure returns (uint256[] memory page, PageResponse memory response)
    {
        uint256 n = keys.length;
        bool byKey = !(asked.key.length == 0 || (asked.key.length == 1 && asked.key[0] == 0));
        require(!byKey || asked.offset == 0, "invalid request, either offset or key is expected, got both");
        require(!byKey || asked.key.length == size, "invalid page key");
        // No limit means 100 and the total, as in the SDK; the total is never counted on a page asked for by its key.
        uint256 limit = asked.limit == 0 ? 100 : asked.limit;
        bool counts = asked.countTotal || asked.limit == 0;
        if (asked.reverse) {
            for (uint256 i = 0; i < n / 2; i++) (keys[i], keys[n - 1 - i]) = (keys[n - 1 - i], keys[i]);
        }
        uint256 from = 0;
        if (byKey) {
            uint256 key = 0;
            for (uint256 i = 0; i < size; i++) key = (key << 8) | uint8(asked.key[i]);
            while (from < n && (asked.reverse ? keys[from] > key : keys[from] < key)) from++;
        } else {
            from = asked.offset < n ? asked.offset : n;
            if (counts) response.total = uint64(n);
        }
        uint256 to = from + limit < n ? from + limit : n;
        page = new uint256[](to - from);
        for (uint256 i = from; i < to; i++) page[i - from] = keys[i];
        if (to < n) response.nextKey = size == 8 ? abi.encodePacked(uint64(keys[to])) : abi.encodePacked(uint160(keys[to]));
    }

    /// Puts a key where it belongs in an ascending list; nothing when it is there.
    function insert(uint256[] storage keys, uint256 key) internal {
        uint256 at = keys.length;
        while (at > 0 && keys[at - 1] >= key) {
            if (keys[at - 1] == key) return;
            at--;
        }
        keys.push(key);
        for (uint256 i = keys.length - 1; i > at; i--) keys[i] = keys[i - 1];
        keys[at] = key;
    }

    function remove(uint256[] storage keys, uint256 key) internal {
        bool found = false;
        for (uint256 i = 0; i < keys.length; i++) {
            if (found) keys[i - 1] = keys[i];
            else if (keys[i] == key) found = true;
        }
        if (found) keys.pop();
    }
}

struct Description { string moniker; string identity; string website; string securityContact; string details; }
struct Validator {
    string operatorAddress; string consensusPubkey; bool jailed; uint8 status; uint256 tokens; uint256 delegatorShares;
    Description description; int64 unbondingHeight; int64 unbondingTime; uint256 commission; uint256 minSelfDelegation;
}

contract StakingPrecompile {
    using Pages for uint256[];

    uint256[] internal list;
    mapping(uint256 => Validator) internal known;

    event CreateValidator(address indexed validatorAddress, uint256 value);
    event EditValidator(address indexed validatorAddress, int256 commissionRate, int256 minSelfDelegation);
    event Delegate(address indexed delegatorAddress, address indexed validatorAddress, uint256 amount, uint256 newShares);
    event Unbond(address indexed delegatorAddress, address indexed validatorAddress, uint256 amount, uint256 completionTime);

    function putValidator(address at, Validator calldata one) external {
        list.insert(uint160(at));
        known[uint160(at)] = one;
    }

    function dropValidator(address at) external {
        list.remove(uint160(at));
        delete known[uint160(at)];
    }

    /// Of nobody it is all zeros, and no error.
    function validator(address validatorAddress) external view returns (Validator memory) {
        require(validatorAddress != address(0), "invalid validator address");
        return known[uint160(validatorAddress)];
    }

    function validators(string calldata status, PageRequest calldata pageRequest)
        external view returns (Validator[] memory found, PageResponse memory pageResponse)
    {
        uint8 code = statusCode(status);
        uint256[] memory keys = new uint256[](list.length);
        uint256 count = 0;
        for (uint256 i = 0; i < list.length; i++) {
            if (code == 0 || known[list[i]].status == code) keys[count++] = list[i];
        }
        assembly { mstore(keys, count) }
        uint256[] memory page;
        (page, pageResponse) = keys.cut(20, pageRequest);
        found = new Validator[](page.length);
        for (uint256 i = 0; i < page.length; i++) found[i] = known[page[i]];
    }

    /// Under proof of authority a validator's account holds all of it.
    function delegation(address delegatorAddress, string calldata)
        external view returns (uint256 shares, Coin memory balance)
    {
        uint256 tokens = known[uint160(delegatorAddress)].tokens;
        return (tokens, Coin("ogwei", tokens));
    }

    function bondedTokens(address at) external view returns (uint256) {
        Validator storage one = known[uint160(at)];
        return one.status == 3 ? one.tokens : 0;
    }

    function statusCode(string calldata status) private pure returns (uint8) {
        bytes32 name = keccak256(bytes(status));
        if (name == keccak256("")) return 0;
        if (name == keccak256("BOND_STATUS_UNBONDED")) return 1;
        if (name == keccak256("BOND_STATUS_UNBONDING")) return 2;
        if (name == keccak256("BOND_STATUS_BONDED")) return 3;
        revert("invalid validator status");
    }
}

struct SigningInfo {
    address validatorAddress; int64 startHeight; int64 indexOffset; int64 jailedUntil; bool tombstoned; int64 missedBlocksCounter;
}
struct SlashingParams {
    int64 signedBlocksWindow; Dec minSignedPerWindow; int64 downtimeJailDuration; Dec slashFractionDoubleSign; Dec slashFractionDowntime;
}

contract SlashingPrecompile {
    using Pages for uint256[];

    uint256[] internal list;
    mapping(uint256 => SigningInfo) internal known;
    SlashingParams internal parameters;

    event ValidatorUnjailed(address indexed validator);

    function putSigningInfo(SigningInfo calldata one) external {
        list.insert(uint160(one.validatorAddress));
        known[uint160(one.validatorAddress)] = one;
    }

    function dropSigningInfo(address at) external {
        list.remove(uint160(at));
        delete known[uint160(at)];
    }

    function putParams(SlashingParams calldata params) external { parameters = params; }

    /// The log of `unjail`; who is jailed is written by putValidator.
    function tellUnjailed(address validator) external { emit ValidatorUnjailed(validator); }

    function getSigningInfo(address consAddress) external view returns (SigningInfo memory signingInfo) {
        signingInfo = known[uint160(consAddress)];
        require(signingInfo.validatorAddress != address(0), "SigningInfo not found for validator");
    }

    function getSigningInfos(PageRequest calldata pagination)
        external view returns (SigningInfo[] memory signingInfos, PageResponse memory pageResponse)
    {
        uint256[] memory keys = list;
        uint256[] memory page;
        (page, pageResponse) = keys.cut(20, pagination);
        signingInfos = new SigningInfo[](page.length);
        for (uint256 i = 0; i < page.length; i++) signingInfos[i] = known[page[i]];
    }

    function getParams() external view returns (SlashingParams memory params) { return parameters; }
}

struct TallyResult { string yes; string abstain; string no; string noWithVeto; }
struct WeightedVoteOption { uint8 option; string weight; }
struct Proposal {
    uint64 id; string[] messages; uint32 status; TallyResult finalTallyResult; uint64 submitTime; uint64 depositEndTime;
    Coin[] totalDeposit; uint64 votingStartTime; uint64 votingEndTime; string metadata; string title; string summary; address proposer;
}
struct WeightedVote { uint64 proposalId; address voter; WeightedVoteOption[] options; string metadata; }
struct GovParams {
    int64 votingPeriod; Coin[] minDeposit; int64 maxDepositPeriod; string quorum; string threshold; string vetoThreshold;
    string minInitialDepositRatio; string proposalCancelRatio; string proposalCancelDest; int64 expeditedVotingPeriod;
    string expeditedThreshold; Coin[] expeditedMinDeposit; bool burnVoteQuorum; bool burnProposalDepositPrevote; bool burnVoteVeto;
    string minDepositRatio;
}

contract GovPrecompile {
    using Pages for uint256[];

    StakingPrecompile internal constant STAKING = StakingPrecompile(0x0000000000000000000000000000000000000800);

    uint256[] internal list;
    mapping(uint256 => Proposal) internal known;
    mapping(uint256 => uint256[]) internal voters;
    mapping(uint256 => mapping(uint256 => WeightedVote)) internal cast;
    GovParams internal parameters;
    string internal words;
    bool internal repeats;

    event SubmitProposal(address indexed proposer, uint64 proposalId);
    event CancelProposal(address indexed proposer, uint64 proposalId);
    event Vote(address indexed voter, uint64 proposalId, uint8 option);
    event VoteWeighted(address indexed voter, uint64 proposalId, WeightedVoteOption[] options);
    event Deposit(address indexed depositor, uint64 proposalId, Coin[] amount);

    function putProposal(Proposal calldata one) public {
        list.insert(one.id);
        known[one.id] = one;
    }

    function putVote(WeightedVote calldata one) public {
        require(known[one.proposalId].status == 2, "inactive proposal");
        voters[one.proposalId].insert(uint160(one.voter));
        cast[one.proposalId][uint160(one.voter)] = one;
    }

    function putEnd(uint64 id, uint64 votingEndTime) external { known[id].votingEndTime = votingEndTime; }

    function putParams(GovParams calldata params) external { parameters = params; }

    function putConstitution(string calldata constitution) external { words = constitution; }

    /// From now on everything is listed twice: what a node answers that pages by changing offsets.
    function putRepeats(bool on) external { repeats = on; }

    function dropProposal(uint64 id) external {
        dropVotes(id);
        list.remove(id);
        delete known[id];
    }

    /// What becomes of single votes after the last tally.
    function dropVotes(uint64 id) public {
        for (uint256 i = 0; i < voters[id].length; i++) delete cast[id][voters[id][i]];
        delete voters[id];
    }

    /// The last tally is kept, the votes are not (unless `prune` is false: as on a node that has not come to it).
    function finish(uint64 id, uint32 status, bool prune) external {
        require(known[id].status == 2, "inactive proposal");
        known[id].finalTallyResult = tally(id);
        known[id].status = status;
        if (prune) dropVotes(id);
    }

    /// The same, sent through the EVM: with a log.
    function submitWithLog(Proposal calldata one) external {
        putProposal(one);
        emit SubmitProposal(one.proposer, one.id);
    }

    function voteWithLog(WeightedVote calldata one) external {
        putVote(one);
        if (one.options.length == 1) emit Vote(one.voter, one.proposalId, one.options[0].option);
        else emit VoteWeighted(one.voter, one.proposalId, one.options);
    }

    function getProposal(uint64 proposalId) external view returns (Proposal memory proposal) {
        proposal = known[proposalId];
        require(proposal.id != 0, "proposal doesn't exist");
    }

    function getProposals(uint32 proposalStatus, address voter, address depositor, PageRequest calldata pagination)
        external view returns (Proposal[] memory proposals, PageResponse memory pageResponse)
    {
        uint256[] memory page;
        (page, pageResponse) = matching(proposalStatus, voter, depositor).cut(8, pagination);
        page = maybeTwice(page);
        proposals = new Proposal[](page.length);
        for (uint256 i = 0; i < page.length; i++) proposals[i] = known[page[i]];
    }

    function getTallyResult(uint64 proposalId) external view returns (TallyResult memory tallyResult) {
        uint32 status = known[proposalId].status;
        require(status != 0, "proposal doesn't exist");
        if (status == 1) return TallyResult("0", "0", "0", "0");
        return status == 2 ? tally(proposalId) : known[proposalId].finalTallyResult;
    }

    function getVote(uint64 proposalId, address voter) external view returns (WeightedVote memory vote) {
        vote = cast[proposalId][uint160(voter)];
        require(vote.proposalId != 0, "voter not found for proposal");
    }

    function getVotes(uint64 proposalId, PageRequest calldata pagination)
        external view returns (WeightedVote[] memory votes, PageResponse memory pageResponse)
    {
        require(proposalId != 0, "proposal id can not be 0");
        uint256[] memory keys = voters[proposalId];
        uint256[] memory page;
        (page, pageResponse) = keys.cut(20, pagination);
        page = maybeTwice(page);
        votes = new WeightedVote[](page.length);
        for (uint256 i = 0; i < page.length; i++) votes[i] = cast[proposalId][page[i]];
    }

    function getParams() external view returns (GovParams memory params) { return parameters; }

    function getConstitution() external view returns (string memory constitution) { return words; }

    function maybeTwice(uint256[] memory page) private view returns (uint256[] memory) {
        if (!repeats) return page;
        uint256[] memory twice = new uint256[](page.length * 2);
        for (uint256 i = 0; i < twice.length; i++) twice[i] = page[i / 2];
        return twice;
    }

    function matching(uint32 status, address voter, address depositor) private view returns (uint256[] memory keys) {
        keys = new uint256[](list.length);
        uint256 count = 0;
        for (uint256 i = 0; i < list.length; i++) {
            Proposal storage one = known[list[i]];
            if (status != 0 && one.status != status) continue;
            if (voter != address(0) && cast[one.id][uint160(voter)].proposalId == 0) continue;
            if (depositor != address(0) && one.proposer != depositor) continue;
            keys[count++] = list[i];
        }
        assembly { mstore(keys, count) }
    }

    /// Only bonded tokens count: those of a validator whose own account votes.
    function tally(uint64 id) private view returns (TallyResult memory) {
        uint256[5] memory sums;
        for (uint256 i = 0; i < voters[id].length; i++) {
            uint256 tokens = STAKING.bondedTokens(address(uint160(voters[id][i])));
            if (tokens == 0) continue;
            WeightedVoteOption[] storage options = cast[id][voters[id][i]].options;
            for (uint256 j = 0; j < options.length; j++) sums[options[j].option] += tokens * fixedPoint(options[j].weight);
        }
        return TallyResult(text(sums[1] / 1e18), text(sums[2] / 1e18), text(sums[3] / 1e18), text(sums[4] / 1e18));
    }

    /// "0.25" in 1e-18.
    function fixedPoint(string memory decimal) private pure returns (uint256 value) {
        bytes memory letters = bytes(decimal);
        uint256 places = 0;
        bool behind = false;
        for (uint256 i = 0; i < letters.length && places < 18; i++) {
            if (letters[i] == ".") behind = true;
            else {
                value = value * 10 + uint8(letters[i]) - 48;
                if (behind) places++;
            }
        }
        return value * 10 ** (18 - places);
    }

    function text(uint256 value) private pure returns (string memory) {
        if (value == 0) return "0";
        uint256 length = 0;
        for (uint256 rest = value; rest > 0; rest /= 10) length++;
        bytes memory digits = new bytes(length);
        for (; value > 0; value /= 10) digits[--length] = bytes1(uint8(48 + (value % 10)));
        return string(digits);
    }
}

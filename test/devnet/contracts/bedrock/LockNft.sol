// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

interface ILockEscrow {
    function moved(address from, address to) external;
}

/// Receipts of locks: ERC-721, enumerable, moved only to who is whitelisted.
contract LockNft {
    string public constant name = "veBR";
    string public constant symbol = "veBR";
    address public constant WHITELIST_ANY_ADDRESS = address(uint160(uint256(keccak256("WHITELIST_ANY_ADDRESS"))));

    address public immutable escrow;
    mapping(address => bool) public whitelisted;
    mapping(uint256 => address) private owners;
    mapping(uint256 => address) public getApproved;
    mapping(address => mapping(address => bool)) public isApprovedForAll;
    uint256[] private all;
    mapping(uint256 => uint256) private placeInAll;
    mapping(address => uint256[]) private owned;
    mapping(uint256 => uint256) private placeInOwned;

    event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);
    event Approval(address indexed owner, address indexed approved, uint256 indexed tokenId);
    event ApprovalForAll(address indexed owner, address indexed operator, bool approved);
    event WhitelistSet(address indexed account, bool status);

    error NotWhitelisted();
    error OnlyEscrow();
    error NoSuchToken();
    error NotApproved();

    constructor(address escrow_) {
        escrow = escrow_;
        whitelisted[escrow_] = true;
    }

    modifier onlyEscrow() {
        if (msg.sender != escrow) revert OnlyEscrow();
        _;
    }

    function enableTransfers() external {
        whitelisted[WHITELIST_ANY_ADDRESS] = true;
        emit WhitelistSet(WHITELIST_ANY_ADDRESS, true);
    }

    function totalSupply() external view returns (uint256) {
        return all.length;
    }

    function tokenByIndex(uint256 index) external view returns (uint256) {
        return all[index];
    }

    function balanceOf(address owner) external view returns (uint256) {
        return owned[owner].length;
    }

    function tokenOfOwnerByIndex(address owner, uint256 index) external view returns (uint256) {
        return owned[owner][index];
    }

    function tokensOf(address owner) external view returns (uint256[] memory) {
        return owned[owner];
    }

    function ownerOf(uint256 tokenId) public view returns (address owner) {
        owner = owners[tokenId];
        if (owner == address(0)) revert NoSuchToken();
    }

    function isApprovedOrOwner(address spender, uint256 tokenId) public view returns (bool) {
        address owner = ownerOf(tokenId);
        return spender == owner || getApproved[tokenId] == spender || isApprovedForAll[owner][spender];
    }

    function approve(address to, uint256 tokenId) external {
        address owner = ownerOf(tokenId);
        if (msg.sender != owner && !isApprovedForAll[owner][msg.sender]) revert NotApproved();
        getApproved[tokenId] = to;
        emit Approval(owner, to, tokenId);
    }

    function setApprovalForAll(address operator, bool approved) external {
        isApprovedForAll[msg.sender][operator] = approved;
        emit ApprovalForAll(msg.sender, operator, approved);
    }

    function transferFrom(address from, address to, uint256 tokenId) external {
        if (msg.sender != escrow && !isApprovedOrOwner(msg.sender, tokenId)) revert NotApproved();
        if (!whitelisted[WHITELIST_ANY_ADDRESS] && !whitelisted[to]) revert NotWhitelisted();
        if (ownerOf(tokenId) != from || to == address(0)) revert NoSuchToken();
        _leave(from, tokenId);
        _enter(to, tokenId);
        emit Transfer(from, to, tokenId);
        ILockEscrow(escrow).moved(from, to);
    }

    function mint(address to, uint256 tokenId) external onlyEscrow {
        placeInAll[tokenId] = all.length;
        all.push(tokenId);
        _enter(to, tokenId);
        emit Transfer(address(0), to, tokenId);
    }

    function burn(uint256 tokenId) external onlyEscrow {
        address owner = ownerOf(tokenId);
        _leave(owner, tokenId);
        uint256 last = all[all.length - 1];
        all[placeInAll[tokenId]] = last;
        placeInAll[last] = placeInAll[tokenId];
        all.pop();
        emit Transfer(owner, address(0), tokenId);
    }

    function _enter(address to, uint256 tokenId) private {
        owners[tokenId] = to;
        placeInOwned[tokenId] = owned[to].length;
        owned[to].push(tokenId);
    }

    function _leave(address from, uint256 tokenId) private {
        uint256[] storage list = owned[from];
        uint256 last = list[list.length - 1];
        list[placeInOwned[tokenId]] = last;
        placeInOwned[last] = placeInOwned[tokenId];
        list.pop();
        delete owners[tokenId];
        delete getApproved[tokenId];
    }
}

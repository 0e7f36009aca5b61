"""An unmodified general client of Substrate chains against the embedded ledger's face.

Arguments: the face's URL, then two seeds in hexadecimal: of the ed25519 twin 3 and the sr25519 twin 4. Ends with 0 if all
expectations hold; every one that does not is an AssertionError with its line.
"""

import sys

from substrateinterface import Keypair, KeypairType, SubstrateInterface
from substrateinterface.exceptions import SubstrateRequestException

GRID, CONTRACTS = "TfgridModule", "SmartContractModule"


def reads(chain):
    assert chain.chain == "zos embedded ledger", chain.chain
    assert chain.ss58_format == 42 and chain.token_decimals == 7 and chain.token_symbol == "TFT"
    chain.init_runtime()
    assert chain.runtime_version == 149 and chain.transaction_version == 2
    twin = chain.query(GRID, "Twins", [3]).value
    assert twin["id"] == 3 and twin["relay"] is None, twin
    assert chain.query(GRID, "TwinIdByAccountID", [twin["account_id"]]).value == 3
    assert chain.query(GRID, "Twins", [99]).value is None
    farm = chain.query(GRID, "Farms", [1]).value
    assert farm["name"] == "first" and farm["twin_id"] == 1 and len(farm["public_ips"]) == 3, farm
    node = chain.query(GRID, "Nodes", [1]).value
    assert node["farm_id"] == 1 and node["twin_id"] == 2 and node["resources"]["cru"] == 4, node
    assert chain.query(GRID, "NodePower", [1]).value == {"state": "Up", "target": "Up"}
    assert chain.query(GRID, "NodesByFarmID", [1]).value == [1]
    assert chain.query(GRID, "TwinID").value == 4
    assert chain.query(CONTRACTS, "ContractID").value == 0
    assert chain.query("Timestamp", "Now").value > 1_600_000_000_000
    twins = chain.query_map(GRID, "Twins", page_size=3)
    assert sorted(key.value for key, _ in twins) == [1, 2, 3, 4]
    account = chain.query("System", "Account", [twin["account_id"]]).value
    assert account["nonce"] == 0, account


def contract_call(chain, hash_text, ips=0):
    return chain.compose_call(CONTRACTS, "create_node_contract", {
        "node_id": 1, "deployment_hash": "0x" + hash_text.encode().hex(), "deployment_data": "0x7b7d",
        "public_ips": ips, "solution_provider_id": None,
    })


def submit(chain, call, key, **extra):
    return chain.submit_extrinsic(chain.create_signed_extrinsic(call, key, **extra), wait_for_inclusion=True)


def calls(chain, key, letter):
    """Mortal and immortal calls of one key; returns the id of the contract that is left."""
    ids = []
    for era, character in (({"period": 1024}, letter), (None, letter.upper())):
        receipt = submit(chain, contract_call(chain, character * 32, ips=1), key, era=era)
        assert receipt.is_success, receipt.error_message
        assert receipt.extrinsic_idx >= 1, receipt.extrinsic_idx
        events = [event.value for event in receipt.triggered_events]
        assert [event["event_id"] for event in events] == ["ContractCreated", "ExtrinsicSuccess"], events
        created = events[0]["attributes"]
        assert created["state"] == "Created", created
        ids.append(created["contract_id"])
    assert chain.query(CONTRACTS, "ActiveNodeContracts", [1]).value[-2:] == ids
    stored = chain.query(CONTRACTS, "Contracts", [ids[0]]).value
    agreed = stored["contract_type"]["NodeContract"]
    assert agreed["deployment_hash"] in (letter * 32, "0x" + (letter * 32).encode().hex()), agreed
    assert len(agreed["public_ips_list"]) == 1, agreed

    again = submit(chain, contract_call(chain, letter * 32), key)
    assert not again.is_success and again.error_message["name"] == "ContractIsNotUnique", again.error_message

    before = chain.get_chain_head()
    cancelled = submit(chain, chain.compose_call(CONTRACTS, "cancel_contract", {"contract_id": ids[0]}), key)
    assert cancelled.is_success, cancelled.error_message
    names = [event.value["event_id"] for event in cancelled.triggered_events]
    assert names == ["ContractBilled", "IPsFreed", "NodeContractCanceled", "ExtrinsicSuccess"], names
    assert chain.query(CONTRACTS, "Contracts", [ids[0]]).value is None
    assert chain.query(CONTRACTS, "Contracts", [ids[0]], block_hash=before).value is not None
    return ids[1]


def blocks(chain):
    head = chain.get_chain_head()
    block = chain.get_block(head)
    number = block["header"]["number"]
    assert chain.get_block_hash(number) == head
    assert block["extrinsics"][0].value["call"]["call_module"] == "Timestamp"
    assert chain.get_block_header(head)["header"]["number"] == number
    assert len(chain.get_events(head)) >= 1
    seen = []

    def heard(header, count, subscription):
        seen.append(header["header"]["number"])
        return True

    chain.subscribe_block_headers(heard)
    chain.subscribe_block_headers(heard, finalized_only=True)
    # Blocks may go on meanwhile.
    assert number <= seen[0] <= seen[1], (seen, number)


def refused(chain, extrinsic, code, text):
    try:
        chain.submit_extrinsic(extrinsic)
    except SubstrateRequestException as error:
        told = error.args[0]
        assert told["code"] == code and text in told.get("data", ""), told
    else:
        raise AssertionError(f"expected {code} {text}")


def refusals(chain, key):
    name = chain.compose_call(CONTRACTS, "create_name_contract", {"name": "by-" + key.public_key.hex()[:8]})
    sent = chain.submit_extrinsic(chain.create_signed_extrinsic(name, key))
    assert sent.extrinsic_hash.startswith("0x")
    nonce = chain.get_account_nonce(key.ss58_address)
    refused(chain, chain.create_signed_extrinsic(name, key, nonce=nonce - 1), 1010, "outdated")
    refused(chain, chain.create_signed_extrinsic(name, key, nonce=nonce + 5), 1010, "future")
    refused(chain, chain.create_signed_extrinsic(name, key, signature="0x" + "11" * 64), 1010, "bad signature")
    foreign = chain.compose_call("System", "remark", {"remark": "0x00"})
    refused(chain, chain.create_signed_extrinsic(foreign, key), 1010, "not expected")
    assert chain.get_payment_info(name, key)["partialFee"] == 0
    try:
        chain.rpc_request("state_call", ["Core_version", "0x"])
    except SubstrateRequestException as error:
        assert error.args[0]["code"] == -32601, error.args[0]
    else:
        raise AssertionError("state_call is not offered")


def main(url, ed25519_seed, sr25519_seed):
    chain = SubstrateInterface(url=url)
    reads(chain)
    for seed, kind, letter in (
        (ed25519_seed, KeypairType.ED25519, "a"), (sr25519_seed, KeypairType.SR25519, "b"),
    ):
        key = Keypair.create_from_seed(seed, ss58_format=42, crypto_type=kind)
        left = calls(chain, key, letter)
        assert chain.query(CONTRACTS, "Contracts", [left]).value is not None
        refusals(chain, key)
    blocks(chain)
    chain.close()


main(*sys.argv[1:])

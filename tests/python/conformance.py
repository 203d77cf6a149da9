"""Microsoft's Python clients against the emulator, over TLS: msal, azure-identity, msgraph-sdk.

They know nothing of the emulator; what works here works because the answers are those of the
service. Prints a line for each passed check; ends with 1 on the first that fails.

Environment:
  EMULATOR_URL   root of Graph and of the sign-in service, https
  TENANT_ID, CLIENT_ID, CLIENT_SECRET
  CERTIFICATE    a PEM file with a certificate that the application has, and its private key
  REQUESTS_CA_BUNDLE, SSL_CERT_FILE
                 the emulator's authority: requests reads the one, httpx the other

The directory must have at least 450 users, so that a list and a delta round take several pages, and
groups, of which each user is in four.
"""

import asyncio
import inspect
import json
import os
import ssl
import sys
import time
import traceback
from urllib.request import Request, urlopen

import msal
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CertificateCredential, ClientSecretCredential
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.groups.groups_request_builder import GroupsRequestBuilder
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.user import User
from msgraph.generated.users.item.user_item_request_builder import UserItemRequestBuilder
from msgraph.generated.users.users_request_builder import UsersRequestBuilder
from msgraph_core.authentication import AzureIdentityAuthenticationProvider
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem
from msgraph_core.tasks.page_iterator import PageIterator

ROOT = os.environ["EMULATOR_URL"]
HOST = ROOT.removeprefix("https://").split(":")[0]
TENANT = os.environ["TENANT_ID"]
CLIENT = os.environ["CLIENT_ID"]
SECRET = os.environ["CLIENT_SECRET"]
CERTIFICATE = os.environ["CERTIFICATE"]
SCOPE = "https://graph.microsoft.com/.default"
NOBODY = "00000000-0000-0000-0000-000000000000"


def control(method, path, body=None):
    """One operation of the emulator's control interface."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(f"{ROOT}/emulator{path}", data=data, method=method)
    with urlopen(request, context=ssl.create_default_context()) as response:
        text = response.read()
    return json.loads(text) if text else None


def application(credential, **options):
    """An application of msal. It keeps to Microsoft's hosts unless it is told otherwise."""
    options.setdefault("instance_discovery", False)
    if "oidc_authority" not in options:
        options.setdefault("authority", f"{ROOT}/{TENANT}")
    return msal.ConfidentialClientApplication(CLIENT, client_credential=credential, **options)


def signed_in(credential, **options):
    result = application(credential, **options).acquire_token_for_client([SCOPE])
    assert "access_token" in result, result
    assert result["expires_in"] > 0, result
    return result


def pem():
    with open(CERTIFICATE, encoding="utf-8") as file:
        text = file.read()
    key = text[text.index("-----BEGIN PRIVATE KEY") :]
    certificate = text[text.index("-----BEGIN CERTIFICATE") : text.index("-----BEGIN PRIVATE KEY")]
    return key, certificate


# msal


def msal_signs_in_with_a_secret():
    signed_in(SECRET)


def msal_signs_in_with_a_certificate_and_its_sha256_thumbprint():
    key, certificate = pem()
    signed_in({"private_key": key, "public_certificate": certificate})


def msal_signs_in_with_a_sha1_thumbprint():
    key, certificate = pem()
    read = x509.load_pem_x509_certificate(certificate.encode())
    thumbprint = read.fingerprint(hashes.SHA1()).hex()
    signed_in({"private_key": key, "thumbprint": thumbprint})
    signed_in({"private_key": key, "thumbprint": thumbprint, "public_certificate": certificate})


def msal_asks_the_emulator_whether_the_emulator_is_known():
    signed_in(SECRET, instance_discovery=f"{ROOT}/common/discovery/instance")


def msal_takes_the_emulator_as_an_openid_provider():
    signed_in(SECRET, oidc_authority=f"{ROOT}/{TENANT}/v2.0")


def msal_finds_the_tenant_by_its_domain():
    app = application(SECRET, authority=f"{ROOT}/contoso.onmicrosoft.com")
    assert app.authority.tenant == TENANT, app.authority.tenant
    assert "access_token" in app.acquire_token_for_client([SCOPE])


def msal_tells_what_was_wrong():
    def refusal(result):
        return result["error"], result["error_codes"]

    key, certificate = pem()
    wrong = application("wrong").acquire_token_for_client([SCOPE])
    assert refusal(wrong) == ("invalid_client", [7000215]), wrong
    unknown = {"private_key": key, "thumbprint": "00" * 20}
    wrong = application(unknown).acquire_token_for_client([SCOPE])
    assert refusal(wrong) == ("invalid_client", [700027]), wrong
    app = application({"private_key": key, "public_certificate": certificate})
    wrong = app.acquire_token_for_client(["https://graph.microsoft.com/User.Read.All"])
    assert refusal(wrong) == ("invalid_scope", [1002012]), wrong
    wrong = app.acquire_token_for_client(["https://vault.azure.net/.default"])
    assert refusal(wrong) == ("invalid_resource", [500011]), wrong
    try:
        application(SECRET, authority=f"{ROOT}/fabrikam.com")
        raise AssertionError("a tenant that is not there was found")
    except ValueError as error:
        assert "invalid_tenant" in str(error.__context__), error.__context__


# azure-identity

OPTIONS = {"authority": ROOT, "disable_instance_discovery": True}


def azure_identity_signs_in_with_a_secret():
    credential = ClientSecretCredential(TENANT, CLIENT, SECRET, **OPTIONS)
    assert credential.get_token(SCOPE).token


def azure_identity_signs_in_with_a_certificate_with_and_without_its_chain():
    for chain in (False, True):
        credential = CertificateCredential(
            TENANT, CLIENT, CERTIFICATE, send_certificate_chain=chain, **OPTIONS
        )
        assert credential.get_token(SCOPE).token


def azure_identity_tells_what_was_wrong():
    try:
        ClientSecretCredential(TENANT, CLIENT, "wrong", **OPTIONS).get_token(SCOPE)
        raise AssertionError("a wrong secret was taken")
    except ClientAuthenticationError as error:
        assert "AADSTS7000215" in str(error), error


# msgraph-sdk


def client():
    credential = CertificateCredential(TENANT, CLIENT, CERTIFICATE, **OPTIONS)
    provider = AzureIdentityAuthenticationProvider(credential, allowed_hosts=[HOST])
    adapter = GraphRequestAdapter(provider)
    adapter.base_url = f"{ROOT}/v1.0"
    return GraphServiceClient(request_adapter=adapter)


def listing(headers=None, **parameters):
    query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(**parameters)
    configuration = RequestConfiguration(query_parameters=query)
    for name, value in (headers or {}).items():
        configuration.headers.add(name, value)
    return configuration


async def everybody(graph, first):
    people = []
    iterator = PageIterator(first, graph.request_adapter)
    await iterator.iterate(lambda person: people.append(person) or True)
    return people


async def msgraph_reads_every_user_exactly_once():
    graph = client()
    first = await graph.users.get(listing(select=["id", "displayName", "mail"], top=120))
    assert len(first.value) == 120
    people = await everybody(graph, first)
    ids = {person.id for person in people}
    assert len(ids) == len(people) == control("GET", "")["users"]


async def msgraph_filters_counts_and_searches():
    graph = client()
    eventual = {"ConsistencyLevel": "eventual"}
    page = await graph.users.get(
        listing(
            eventual,
            filter="startswith(displayName,'A')",
            orderby=["displayName"],
            count=True,
            select=["id", "displayName"],
            top=5,
        )
    )
    names = [person.display_name for person in page.value]
    assert len(names) == 5 and page.odata_count > 5, page.odata_count
    assert all(name.startswith("A") for name in names), names
    configuration = RequestConfiguration()
    configuration.headers.add("ConsistencyLevel", "eventual")
    count = await graph.users.count.get(configuration)
    assert count == control("GET", "")["users"], count
    found = await graph.users.get(listing(eventual, search=f'"displayName:{names[0]}"'))
    assert any(person.display_name == names[0] for person in found.value)


async def msgraph_reads_a_delta_round_and_the_next_one():
    graph = client()
    page = await graph.users.delta.get()
    people = []
    while True:
        people.extend(page.value)
        if not page.odata_next_link:
            break
        page = await graph.users.delta.with_url(page.odata_next_link).get()
    assert len(people) == control("GET", "")["users"]
    edited, left = people[10].id, people[11].id
    title = f"Checked {time.time()}"
    control("PATCH", f"/users/{edited}", {"jobTitle": title})
    control("DELETE", f"/users/{left}")
    page = await graph.users.delta.with_url(page.odata_delta_link).get()
    deleted = await graph.directory.deleted_items.graph_user.get()
    control("POST", f"/users/{left}/restore")
    assert [person.id for person in page.value] == [edited, left]
    assert page.value[0].job_title == title
    assert page.value[1].additional_data["@removed"] == {"reason": "changed"}
    assert [person.id for person in deleted.value] == [left], "the cast by the schema's alias"


async def msgraph_reads_groups_and_who_is_in_them():
    control("PUT", "/roles", ["Directory.Read.All", "Member.Read.Hidden"])
    graph = client()
    query = GroupsRequestBuilder.GroupsRequestBuilderGetQueryParameters(
        filter="displayName eq 'All Company'", select=["id", "groupTypes", "mailEnabled"]
    )
    found = await graph.groups.get(RequestConfiguration(query_parameters=query))
    [company] = found.value
    assert company.group_types == ["Unified"] and company.mail_enabled
    members = graph.groups.by_group_id(company.id).members
    first = await members.get()
    assert all(isinstance(member, User) for member in first.value)
    people = await everybody(graph, first)
    users = control("GET", "")["users"]
    assert len({person.id for person in people}) == len(people) == users
    eventual = RequestConfiguration()
    eventual.headers.add("ConsistencyLevel", "eventual")
    assert await members.graph_user.count.get(eventual) == users


async def msgraph_reads_a_round_over_groups_and_the_next_one():
    control("PUT", "/roles", ["Directory.Read.All", "Member.Read.Hidden"])
    graph = client()
    page = await graph.groups.delta.get()
    members = {}

    def merge(groups):
        for group in groups:
            known = members.setdefault(group.id, set())
            for member in group.additional_data.get("members@delta", []):
                # What the model has no field for is retyped by its look: an id is a UUID here.
                if "@removed" in member:
                    known.discard(str(member["id"]))
                elif member["@odata.type"] == "#microsoft.graph.user":
                    known.add(str(member["id"]))

    while True:
        merge(page.value)
        if not page.odata_next_link:
            break
        page = await graph.groups.delta.with_url(page.odata_next_link).get()
    overview = control("GET", "")
    assert len(members) == overview["groups"]
    assert sum(map(len, members.values())) == 4 * overview["users"]
    group, known = max(members.items(), key=lambda entry: len(entry[1]))
    leaver = sorted(known)[0]
    control("POST", f"/groups/{group}/members/remove", {"members": [leaver]})
    page = await graph.groups.delta.with_url(page.odata_delta_link).get()
    merge(page.value)
    control("POST", f"/groups/{group}/members", {"members": [leaver]})
    assert [told.id for told in page.value] == [group]
    assert leaver not in members[group]


async def msgraph_follows_the_managers_to_the_root():
    graph = client()
    page = await graph.users.get(listing(expand=["manager"], top=50, select=["id"]))
    managed = [person for person in page.value if person.manager]
    assert managed, "a company whose people have managers"
    person = managed[-1]
    assert isinstance(person.manager, User), type(person.manager)
    direct = await graph.users.by_user_id(person.id).manager.get()
    assert direct.id == person.manager.id
    query = UserItemRequestBuilder.UserItemRequestBuilderGetQueryParameters(
        expand=["manager($levels=max;$select=id,displayName)"], select=["id", "displayName"]
    )
    configuration = RequestConfiguration(query_parameters=query)
    configuration.headers.add("ConsistencyLevel", "eventual")
    # The generated query of a single user has no `count`, which a selection of the chain needs.
    builder = graph.users.by_user_id(person.id)
    information = builder.to_get_request_information(configuration)
    url = f"{information.url}&%24count=true"
    read = await builder.with_url(url).get(RequestConfiguration(headers=configuration.headers))
    chain = []
    while read.manager:
        read = read.manager
        chain.append(read.id)
    assert chain[0] == direct.id and len(chain) == len(set(chain)), chain


async def msgraph_sends_a_batch():
    graph = client()
    known = (await graph.users.get(listing(top=1, select=["id"]))).value[0].id

    async def statuses(relative):
        batch = BatchRequestContent()
        for name, key in (("known", known), ("unknown", NOBODY)):
            information = graph.users.by_user_id(key).to_get_request_information()
            item = BatchRequestItem(information, id=name)
            if relative:
                item.url = item.url.removeprefix(f"{ROOT}/v1.0")
            batch.add_request(name, item)
        return (await graph.batch.post(batch)).get_response_status_codes()

    # This release sends the whole address of each request, of which the service can make nothing
    # (https://github.com/microsoftgraph/msgraph-sdk-python/issues/1015).
    assert await statuses(relative=False) == {"known": 400, "unknown": 400}
    # Nor does it keep the bodies of what is answered: they are JSON, and it looks for base64.
    assert await statuses(relative=True) == {"known": 200, "unknown": 404}


async def msgraph_tells_what_was_wrong():
    graph = client()
    try:
        await graph.users.by_user_id(NOBODY).get()
        raise AssertionError("nobody was found")
    except ODataError as error:
        assert error.response_status_code == 404
        assert error.error.code == "Request_ResourceNotFound"
        assert NOBODY in error.error.message
        assert error.error.inner_error.request_id
    try:
        await graph.users.get(listing(filter="companyName eq 'Contoso'"))
        raise AssertionError("an advanced query was served without its header")
    except ODataError as error:
        assert error.response_status_code == 400
        assert error.error.code == "Request_UnsupportedQuery"


async def msgraph_waits_when_it_is_throttled():
    graph = client()
    fault = {"path": "/v1.0/organization", "status": 429, "retryAfter": "1", "times": 1}
    control("POST", "/faults", fault)
    assert len((await graph.organization.get()).value) == 1
    assert control("GET", "/faults") == []


CHECKS = [
    check
    for name, check in list(globals().items())
    if name.startswith(("msal_", "azure_identity_", "msgraph_")) and inspect.isfunction(check)
]

for check in CHECKS:
    name = check.__name__.replace("_", " ")
    try:
        result = check()
        if inspect.isawaitable(result):
            asyncio.run(result)
        print(f"ok - {name}", flush=True)
    except Exception:
        print(f"not ok - {name}", file=sys.stderr)
        traceback.print_exc()
        sys.exit(1)

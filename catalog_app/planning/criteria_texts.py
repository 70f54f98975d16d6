"""What people forget to say of features and find missing later, as statements that can be checked. Pure."""

import re
from collections.abc import Mapping


class Topic:
    """Features of some categories whose name has certain words. `texts`: the most important first."""

    __slots__ = ("_expression", "categories", "texts")

    def __init__(self, words: str, categories: str, *texts: str) -> None:
        self._expression = re.compile(rf"\b(?:{words})", re.IGNORECASE)
        self.categories = frozenset(categories.split())
        self.texts = texts

    def is_about(self, category: str, name: str) -> bool:
        """What has no category may be about anything."""
        return (not category or category in self.categories) and bool(self._expression.search(name))


TOPICS = (
    Topic(
        r"saml|sso|single sign|openid|oidc",
        "auth accounts",
        "A response with a wrong signature, audience or time, or one that was used before, signs nobody in.",
        "Groups of the identity provider become roles; somebody it no longer knows loses access.",
    ),
    Topic(
        r"social login|oauth|sign in with",
        "auth accounts",
        "A callback with a wrong or reused state is refused, and the redirect address must be registered.",
        "An identity is joined to an existing account only if its email address is verified.",
    ),
    Topic(
        r"ldap|active directory",
        "auth",
        "Special characters in a name cannot change the directory query; an empty password never binds.",
        "When the directory does not answer, sign-in fails with a clear message and nobody is let in.",
    ),
    Topic(
        r"password reset|magic link|email verification|email address verification|invitation",
        "auth accounts",
        "A link works once, expires, and is void after a newer one; an altered link is refused.",
        "The answer does not tell whether an address is known.",
    ),
    Topic(
        r"two.factor|totp|2fa|one.time code|otp\b",
        "auth",
        "A code works once and only in its time window; repeated wrong codes are limited.",
        "Backup codes are stored hashed and work once.",
    ),
    Topic(
        r"passkey|webauthn",
        "auth",
        "Challenges are used once and bound to the origin; a cloned or replayed assertion is refused.",
        "A second key can be added, and a lost one removed, without losing the account.",
    ),
    Topic(
        r"api key|token|jwt",
        "auth api",
        "Keys are shown once and stored hashed; a revoked or expired one is refused at once.",
        "A key cannot do more than its scopes say.",
    ),
    Topic(
        r"password(?!less)|sign.?up\b|user accounts?\b",
        "auth",
        "A wrong password is refused without telling whether the account exists, and attempts are limited.",
        "Signing in starts a new session; signing out ends it on the server.",
        "Cookies are Secure, HttpOnly and SameSite.",
    ),
    Topic(
        r"roles?\b|permission|access control|rbac|authoriz|authoris|policy",
        "auth accounts",
        "Every protected page and endpoint refuses by default; a table of role and action is tested in full.",
        "A permission that is taken away has no effect from the next request on.",
    ),
    Topic(
        r"(multi.)?tenan|organi[sz]ations?\b|teams?\b|workspace",
        "accounts realtime business-apps",
        "Nobody reads or writes what belongs to another group: shown by a test for every list and detail.",
        "The last owner of a group cannot leave or be removed.",
    ),
    Topic(
        r"audit|history|who changed",
        "accounts databases",
        "Each change has who, when, what before and after, written in the same transaction as the change.",
        "Entries cannot be changed or deleted through the application.",
    ),
    Topic(
        r"impersonat|login as",
        "accounts",
        "Impersonation is visible on every page, audited at start and end, and cannot reach an "
        "administrator.",
    ),
    Topic(
        r"deletion|gdpr|erase|retention",
        "accounts",
        "After an erasure no personal field of the person is left in any table, index or stored file.",
        "What the law requires to be kept is kept without the person's name.",
    ),
    Topic(
        r"subscription|recurring|dunning|failed payment",
        "payments",
        "Upgrade, downgrade, cancellation and failed renewal end in the state that the tests name for each.",
        "Proration and the end of a trial are computed from a fixed clock in tests.",
    ),
    Topic(
        r"checkout|card payment|payment|billing|stripe|donation|refund|payout",
        "payments",
        "A webhook that comes twice, late or out of order charges and credits once.",
        "Amounts are integers of the smallest unit with their currency; a forged signature is refused.",
    ),
    Topic(
        r"invoic|accounting|ledger|tax|vat\b|payroll",
        "payments business-apps",
        "Numbers have no gaps, issued documents cannot be changed, and sums agree to the last cent.",
        "Rounding rules are written down and covered by worked examples.",
    ),
    Topic(
        r"usage.based|metering",
        "payments",
        "An event that is reported twice counts once; a late event is billed in the period that it fell in.",
    ),
    Topic(
        r"(.*\b)?import",
        "admin-tools data-engineering business-apps",
        "Bad rows are reported with their line number and reason, and the good ones can still be taken.",
        "Importing the same file again creates no duplicates.",
    ),
    Topic(
        r"export|csv|excel generation|excel writ|spreadsheet (import|export)",
        "admin-tools files-documents",
        "Cells that start with =, +, - or @ are exported so that no spreadsheet runs them.",
        "100,000 rows are exported without loading all of them into memory.",
    ),
    Topic(
        r"upload|attachment|avatar|file shar|object storage|document management",
        "files-documents accounts media",
        "Size and type are checked on the server; a file is never served from where it could run as script.",
        "Somebody without the right to a file cannot get it by guessing its address.",
    ),
    Topic(
        r"outgoing webhook|event callback",
        "messaging",
        "Deliveries are signed, retried with growing pauses, and given up visibly; a target in "
        "the own network is refused.",
    ),
    Topic(
        r"e-?mail|newsletter|sms|notification|messag",
        "messaging",
        "Tests see each message without sending it; a failed delivery is retried and never sent twice.",
        "People can stop what is not essential, and are not written to after that.",
    ),
    Topic(
        r"retrieval|rag\b|question answering|answer engine",
        "ai-llm search",
        "Each answer cites the passages it rests on; without a fitting passage it says that it "
        "does not know.",
        "A set of questions with expected sources is part of the tests, and its hit rate has a floor.",
        "Somebody gets passages only from documents that they may read.",
    ),
    Topic(
        r"chunking|embedding|vector",
        "ai-llm search",
        "The same text gives the same passages and identifiers; a changed document replaces only its own.",
        "Search is measured against an exact search on a small set, with the recall that was agreed.",
    ),
    Topic(
        r"agents?\b|tool.using|autonomous",
        "ai-llm",
        "A run has limits on steps, tokens and time, and stops with a reason when it reaches one.",
        "Tools that change something are on a list; a call that is not on it is refused and recorded.",
        "After a restart in the middle of a step nothing is done twice.",
    ),
    Topic(
        r"chat\b|chatbot|assistant|language model|llm|prompt|model context|semantic response",
        "ai-llm",
        "Tests use a recorded or fake model; a slow, refusing or failing model gives a clear message.",
        "Text of the model is shown as text: no script or markup in it runs.",
        "Tokens and cost of each call are recorded against whoever caused it.",
    ),
    Topic(
        r"(full.text |faceted )?search|autocomplete|facet",
        "search",
        "Known queries find the expected records first, also with accents, plurals and other capitals.",
        "A changed or deleted record is found as it is now, and nobody finds what they may not see.",
    ),
    Topic(
        r"(background |delayed )?jobs?\b|(task )?queue|worker|cron\b|schedul|durable|workflow",
        "jobs-workflows",
        "A worker that is killed in the middle loses nothing: the work is done again and has one effect.",
        "What has failed for good is visible with its error and can be started again.",
    ),
    Topic(
        r"approval|state machine|status transition",
        "jobs-workflows",
        "Every transition that is not allowed is refused with the current state; all pairs are tested.",
    ),
    Topic(
        r"booking|reservation|appointment|ticket sale|seat|inventory|stock|auction",
        "commerce business-apps",
        "Two people who take the last one at the same moment: one gets it, the other is told.",
        "Times are stored in UTC; changes to and from summer time are tested.",
    ),
    Topic(
        r"cart\b|shopping|orders?\b|coupon|discount|gift card|loyalty|wishlist",
        "commerce",
        "Prices and discounts are computed on the server; a changed price is shown before anybody pays.",
        "Placing an order twice by a double click makes one order.",
    ),
    Topic(
        r"calendar|time.?track|shift",
        "business-apps",
        "Repeating entries, exceptions and time zones are covered by examples across a change of the clock.",
    ),
    Topic(
        r"comment|forum|review|feed|post|community|wiki|blog|cms|content|rich.text|markdown",
        "content community commerce",
        "What people write cannot run script in the browsers of others, however it was entered.",
        "Drafts and removed items are not visible to anybody but those who may see them.",
    ),
    Topic(
        r"(content )?moderation|user reports?\b",
        "community security",
        "A moderator's decision is recorded with its reason and can be taken back.",
    ),
    Topic(
        r"vot(e|ing)|likes?\b|reaction|follow|rating|poll|survey|quiz|feature voting",
        "community commerce business-apps",
        "The same person acting twice, or twice at once, counts once.",
    ),
    Topic(
        r"(api )?rate limit|brute|login brute|throttl",
        "security api",
        "The limit holds across processes, answers 429 with when to try again, and cannot be "
        "passed by a forged address header.",
    ),
    Topic(
        r"websocket|realtime|presence|collaborat|live|server.sent",
        "realtime",
        "After a lost connection the client catches up without gaps or duplicates.",
        "A connection has the rights of its user, and ends when they are taken away.",
    ),
    Topic(
        r"admin|back.?office|(filterable )?data tables?\b|bulk action",
        "admin-tools",
        "Lists stay fast at 100,000 rows: their number of queries is fixed and tested.",
        "Actions that cannot be undone ask first and say how many records they touch.",
    ),
    Topic(
        r"dashboard|(embedded )?charts?\b|reports?\b|(web |product )?analytics|metrics",
        "analytics",
        "Figures agree with a count by hand on a known set of records, also at the borders of a period.",
    ),
    Topic(
        r"translat|locale|interface string|i18n|multilingual",
        "localization-geo",
        "No text that people see is fixed in code; a missing translation falls back and is reported.",
    ),
    Topic(
        r"maps?\b|geo|route|address auto|nearest",
        "localization-geo",
        "Positions outside of any place, at the date line and at the poles do not break a page.",
    ),
    Topic(
        r"pdf|documents?\b|ocr\b|word documents?|office|optical|excel.*read",
        "files-documents",
        "Broken, encrypted and very large files end with a clear message within limits of time and memory.",
    ),
    Topic(
        r"image|video|audio|photo|media|speech|transcod",
        "media",
        "Broken and oversized files are refused before they are decoded; location data is removed.",
        "Work on large files happens outside of requests, with visible progress.",
    ),
    Topic(
        r"scrap|(web )?crawl|web |link preview|screenshot|page",
        "web-automation",
        "Addresses in the own network are refused, also after a redirect; time and size are limited.",
        "Robots rules and pauses between requests are kept.",
    ),
    Topic(
        r"(query )?cach",
        "databases",
        "A changed record is never shown from before its change; without the cache everything still works.",
    ),
    Topic(
        r"(database )?backup",
        "databases",
        "A backup is restored in a test, and the restored application passes a smoke test.",
    ),
    Topic(
        r"encrypt|secrets? (vault|shar|manag)|one.time secret|(password )?vault|shared password",
        "security",
        "Neither logs, errors nor dumps have the plain value; keys can be replaced without downtime.",
    ),
    Topic(
        r"feature flag|experiments?\b|a/b",
        "operations analytics",
        "The same person always gets the same variant; with the service away the default applies.",
    ),
    Topic(
        r"(structured )?logging|log\b|(distributed )?tracing|monitoring|health check|error track|observab",
        "operations ai-llm",
        "Records carry the request's id and no password, token or personal text.",
    ),
)

CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "accounts": (
        "People see and change only what is theirs; everything else answers as if it did not exist.",
    ),
    "admin-tools": (
        "Only staff with the right permission reach it, and each change is recorded with who did it.",
    ),
    "ai-llm": ("Without a key or with the model away, the rest of the application works.",),
    "analytics": ("Collecting does not slow down requests, and respects what people consented to.",),
    "api": ("The OpenAPI description agrees with what is served, checked in the tests.",),
    "auth": ("Every refusal is tested before the success, and logs have no secret.",),
    "business-apps": ("Two people who edit the same record at once do not silently overwrite each other.",),
    "commerce": ("Sums, stock and states agree after a failure at any step.",),
    "community": ("Blocked and signed-out people cannot act, and hidden items do not leak through lists.",),
    "content": ("Pages are correct without script, with a title and description of their own.",),
    "data-engineering": ("Running again after a failure gives the same rows as running once.",),
    "databases": ("The change is tested on a table with rows, forward and back.",),
    "developer-tools": ("One documented command runs it, the same here as in CI.",),
    "distributed-systems": (
        "A test stops a process at each step and finds nothing lost and nothing done twice.",
    ),
    "files-documents": ("Files of people are reachable only by those who may read them.",),
    "frontend": ("It works by keyboard, with a screen reader's names, and on a narrow screen.",),
    "jobs-workflows": ("Running twice has the effect of running once.",),
    "localization-geo": ("Examples from several countries and scripts are in the tests.",),
    "machine-learning": ("A fixed model and seed give the same result; the quality floor is in the tests.",),
    "media": ("Originals are kept; derived files can be made again.",),
    "messaging": ("No message leaves a development or test environment.",),
    "operations": ("It can be switched off, and its absence does not stop the application.",),
    "payments": (
        "No test and no development environment can reach live money; card numbers never reach us.",
    ),
    "personal-apps": ("People can take their data out in an open format.",),
    "realtime": ("A slow or silent client does not hold up others.",),
    "search": ("The index can be built again from the database at any time.",),
    "security": ("An attack that it is there to stop is a test that fails without it.",),
    "testing": ("It runs with the other checks by one command and fails when what it guards is broken.",),
    "web-automation": (
        "Pages that hang, redirect without end or change their markup are handled and reported.",
    ),
}

TAGS: Mapping[str, tuple[str, ...]] = {
    "compliance": ("What an auditor would ask for can be shown: who, when, and on which ground.",),
    "gpu": ("Tests run without a GPU on a small model.",),
}

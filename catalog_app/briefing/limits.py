"""Conditions that hold for the whole application: where it runs, what it is made with, what it must bear.
Pure."""

import re

from catalog_app.briefing.words import IMPERATIVE, PEOPLE, PRODUCTS

_TECH = (
    r"(?:postgres(?:ql)?|mysql|mariadb|sqlite|mongo(?:db)?|redis|qdrant|pgvector|pinecone|weaviate|"
    r"milvus|"
    r"chromadb|elasticsearch|opensearch|kafka|rabbitmq|supabase|firebase|django|fastapi|flask|"
    r"ruby(?: on rails)?|rails|laravel|symfony|spring[- ]boot|nest\.?js|node\.?js|next\.?js|nuxt|"
    r"react native|react\.?js|vue(?:\.?js)?|svelte(?:kit)?|angular|htmx|tailwind|python|typescript|"
    r"javascript|golang|java|"
    r"kotlin|flutter|php|elixir|c#|\.net|asp\.net|docker|kubernetes|k8s|terraform|ansible|aws|azure|gcp|"
    r"google cloud|heroku|fly\.io|hetzner|digital ?ocean|vercel|netlify|cloudflare|linux|debian|ubuntu|"
    r"windows(?: server)?|celery|dagster|airflow|dbt|directus|strapi|wordpress|openai|anthropic|ollama|"
    r"llama(?:index)?|langchain|bedrock|mistral|gpt-?\d\w*|"
    r"(?-i:Go|Rust|React|Next|Nest|Node|Spring|Swift|Phoenix|Chroma|Claude|NATS))"
)
"""In lower case the last ones are words like others."""
_RULES = (
    r"(?:gdpr|dsgvo|ccpa|hipaa|soc ?2|iso ?27001|pci(?:[- ]dss)?|wcag(?: ?2\.\d)?(?: ?a{1,3})?|fedramp|"
    r"nis ?2|"
    r"eu ai act|section 508|gobd|coppa|ferpa)"
)
_UNIT = (
    r"(?:ms|milliseconds?|s|secs?|seconds?|minutes?|mins?|hours?|days?|weeks?|months?|concurrent|"
    r"simultaneous|"
    r"requests?|users?|people|customers?|employees|documents?|pages?|rows?|records?|tenants?|orders?|"
    r"messages?|"
    r"%|percent|gb|mb|tb|kb|euros?|eur|dollars?|usd|developers?|servers?|machines?|cpus?|cores?|vms?|"
    r"instances?)\b"
)
_NUMBER = r"[~€$£]?\s?\d[\d.,]*\s?(?:k|m|thousand|million)?\s?(?:€|\$|£)?"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # What it is made with.
        rf"(?:\w+\s+){{0,6}}(?:use|uses|using|with|on|in|prefer|know|knows|like|stay with|based on)\s+"
        rf"(?:\w+,?\s+){{0,3}}{_TECH}(?![\w-]).{{0,120}}",
        rf"{_TECH}(?:\s*(?:[,/+]|and|or|with|on)\s*{_TECH})*(?:\s+(?:only|please|preferred|backend|frontend|"
        rf"stack|\d[\d.]*))*",
        r"(?:back ?end|front ?end|data ?base|db|vector (?:db|store|database)|stack|language|framework|"
        r"hosting|host|"
        r"server|budget|deadline|launch|browsers?|devices?|platforms?|compliance|licen[cs]es?|performance|"
        r"availability|uptime|latency|scale|tech(?:nology)?|infrastructure|deployment|region|"
        r"data residency|llm|"
        r"model)\s*[:=]\s*\S.*",
        r"(?:the )?(?:backend|frontend|database|server|code|api)\s+(?:is|are|must be|should be|has to be|"
        r"will be)\s+"
        r"(?:written |built )?(?:in|on|with)?\s*\S.*",
        # Where it runs.
        rf"(?:(?:it|everything|this|all of it|the (?:whole )?(?:\w+ )?{PRODUCTS}|we)\s+)?(?:must|should|"
        rf"has to|have to|needs to|"
        r"shall|will|can only|may only|only)?\s*(?:be\s+)?(?:runs?|run|host(?:ed)?|self-?host(?:ed)?|"
        r"deploy(?:ed)?|installed|"
        r"operated|live)\s+(?:only\s+)?(?:on|in|at|behind|under|inside|within|by|with)\s+\S.*",
        r"(?:self[- ]hosted|on[- ]prem(?:ises?)?|air[- ]gapped|offline first|cloud only|single[- ]server|"
        r"one server)\b.{0,60}",
        r".*\b(?:one|a|a single|one single|our own) (?:small |single |cheap |big |own )?(?:server|machine|"
        r"vps|vm|box|data cent(?:re|er))\b.*",
        # What it has to keep to.
        rf"(?:{_RULES}[\s,/&]*(?:and\s+)?)+(?:complian(?:ce|t)|conform(?:ity|ing)?|applies|ready|rules?|"
        rf"certified|level)?",
        rf".*\b(?:comply|complies|compliant|complying|compliance|conform(?:s|ing)?|accordance|certified|"
        rf"meets?|follows?)\b.*\b{_RULES}\b.*",
        rf".*\b{_RULES}\b.*\b(?:comply|compliant|compliance|conform|applies|apply|certified)\b.*",
        r"(?:all |our |the |personal |customer(?:s'?)? |user )*(?:data|files|documents|servers?|"
        r"backups)\s+(?:must|should|have to|has to|may|"
        r"need to|needs to)?\s*(?:not|only|never)?\s*(?:be\s+)?(?:stay|stays|leave|leaves|remain|remains|"
        r"kept|stored|processed|"
        r"hosted)\b.*",
        r".*\b(?:data|servers?|hosting)\b.*\b(?:in|within|outside) (?:the )?(?:eu|europe|germany|"
        r"switzerland|us|uk|usa|european union)\b.*",
        r".*\bopen[- ]source (?:licen[cs]es?|only|dependencies|components)\b.*|.*\b(?:gpl|agpl|copyleft)\b.*",
        r"(?:never|do not|don't|must not|nobody may|no one may|nothing may)\s+\S.*",
        # What it must bear, and cost.
        rf"(?:it |this |we |the (?:\w+ )?{PRODUCTS} )?(?:must|should|has to|needs to|shall|will|"
        rf"can)?\s*(?:be able to )?"
        rf"(?:also )?(?:handle|serve|cope with|scale to|sustain|bear|expect|survive|"
        rf"hold)\s+(?:\w+\s+){{0,4}}{_NUMBER}\s*(?:\w+\s+){{0,3}}{_UNIT}.*",
        rf"(?:under|below|within|less than|at most|no more than|not more than|no longer than|up to|"
        rf"max(?:imum|\.)?|"
        rf"at least|about|around|roughly|fewer than|no later than|"
        rf"between)\s+{_NUMBER}\s*(?:\w+\s+){{0,2}}(?:{_UNIT}|[%€$]).*",
        rf".*\b(?:load|loads|respond|responds|response times?|answers?|start|starts|latency|results?|pages?|"
        rf"requests?|"
        rf"searches|search|time to .{{1,20}})\b.{{0,40}}\b(?:under|below|within|less than|at most|in under|"
        rf"faster than|no more than)\s+"
        rf"{_NUMBER}\s*(?:ms|milliseconds?|s|secs?|seconds?|minutes?)\b.*",
        rf".*\b{_NUMBER}\s*%\s*(?:uptime|availability|available|of (?:the )?time)\b.*|.*\b(?:uptime|"
        rf"availability)\b.*\d.*",
        rf".*\b(?:costs?|budget|spend|running costs|bill)\b.{{0,60}}{_NUMBER}.*|(?:small|tight|low|"
        rf"fixed) budget\b.*",
        rf".*\b(?:launch|live|finished|done|ready|go live|released|deadline|delivered)\b.{{0,30}}\b(?:in|by|"
        rf"before|within|until|on)\s+"
        rf"(?:{_NUMBER}\s*(?:days|weeks|months)|january|february|march|april|may|june|july|august|september|"
        rf"october|november|"
        r"december|q[1-4]|the end of|summer|winter|spring|autumn|christmas|next).*",
        rf"(?:about |around |roughly |up to |at most |we have |we expect |"
        rf"expect )*{_NUMBER}\s*(?:\w+\s+){{0,3}}(?:{_UNIT}).{{0,80}}",
        # Who uses it, and with what.
        rf"(?:it |this |everything |the (?:\w+ )?{PRODUCTS} )?(?:must|should|has to|"
        rf"needs to)?\s*(?:also )?works?\s+(?:well |fully |properly )?(?:on|in|with) "
        r"(?:\w+\s+){0,3}(?:phones?|tablets?|browsers?|chrome|firefox|safari|edge|devices?|screen readers?|"
        r"mobile|"
        r"connections?|networks?)\b.*",
        r"(?:our|the) (?:team|developers?|people|engineers?) (?:knows?|only knows?|uses?|prefers?|"
        r"works? with|is|are used to)\b.*",
        r"(?:one|two|three|four|five|\d+) (?:person|people|developers?|engineers?) (?:must|should|can|will|"
        r"has to|have to|maintain|to)\b.*",
    )
)
_CAN = re.compile(
    rf"(?:(?:the|an?|all|every|each|our)\s+)?(?:\w+\s+)?{PEOPLE}\s+(?:can|may|should be able|must be able|"
    rf"want)\b",
    re.I,
)
_CHOICE = re.compile(
    r"(?:please\s+)?(?:use|run|host|deploy|stay|keep|build (?:it )?(?:with|on|in)|write (?:it )?in|"
    r"make it run|handle)\b.*",
    re.I,
)

_MOST_CHARACTERS = 500
"""Nobody says a condition in more; looking takes time that grows with the square."""


def is_limit(text: str) -> bool:
    """Whether a sentence or a point is a condition on the whole rather than something to build. What people
    can do is something to build, whatever numbers it has ("upload files of up to 20 MB")."""
    bare = text.strip(" .!")
    if (
        len(bare) > _MOST_CHARACTERS
        or _CAN.match(bare)
        or (IMPERATIVE.match(bare) and not _CHOICE.match(bare))
    ):
        return False
    return any(pattern.fullmatch(bare) for pattern in _PATTERNS)

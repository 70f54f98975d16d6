"""What people say for a kind of application. Labels that are not here are known by their own words."""

from collections.abc import Mapping

WEAK_WORDS = frozenset(
    (
        "app",
        "site",
        "tool",
        "service",
        "system",
        "platform",
        "web",
        "small",
        "driven",
        "panel",
        "pipeline",
        "e",
        "api",
        "data",
    )
)
"""Words of labels that say nothing alone."""

CUES: Mapping[str, tuple[str, ...]] = {
    "admin_panel": ("admin panel", "admin interface", "back office"),
    "agent_app": ("agent", "ai agent", "llm agent", "tool calling"),
    "analytics_app": ("analytics", "reporting", "business intelligence"),
    "api_service": ("api service", "rest api", "public api", "backend service", "headless"),
    "autonomous_orchestrator": (
        "autonomous",
        "orchestrator",
        "orchestrates",
        "orchestration",
        "unattended",
        "control plane",
    ),
    "blog": ("blog", "articles", "posts"),
    "chatbot": ("chatbot", "chat bot", "assistant", "conversational", "answers questions"),
    "cli_tool": ("command line", "cli", "terminal"),
    "community_site": ("community", "forum", "discussion", "members"),
    "content_site": ("content site", "magazine", "editorial", "publishing"),
    "crud_app": ("crud", "records", "forms"),
    "dashboard": ("dashboard", "kpi", "charts", "metrics"),
    "data_pipeline": ("data pipeline", "etl", "ingestion", "warehouse"),
    "documentation_site": ("documentation", "docs site", "manual"),
    "e_commerce": ("e commerce", "ecommerce", "online shop", "webshop", "shop", "store", "checkout", "cart"),
    "enterprise_app": ("enterprise", "compliance", "legacy"),
    "event_driven_system": ("event driven", "event sourcing", "message broker", "kafka"),
    "internal_tool": (
        "internal",
        "internal tool",
        "back office",
        "staff",
        "employees",
        "admin tool",
        "our team",
    ),
    "iot_platform": ("iot", "sensor", "device", "telemetry"),
    "marketing_site": ("marketing", "landing page", "campaign"),
    "marketplace": ("marketplace", "buyers", "sellers", "vendors", "listings"),
    "microservices": ("microservice", "micro service"),
    "ml_service": ("machine learning", "model serving", "inference", "prediction"),
    "mobile_app": ("mobile", "mobile app", "ios", "android", "phone app"),
    "prototype": ("prototype", "proof of concept", "mvp"),
    "rag_app": (
        "rag",
        "retrieval augmented",
        "knowledge base",
        "own documents",
        "your documents",
        "our documents",
        "citations",
        "vector search",
    ),
    "realtime_app": ("real time", "realtime", "live updates", "multiplayer"),
    "saas": ("saas", "subscription", "tenant", "multi tenant", "plans and billing", "free trial"),
    "web_app": ("web app", "web application", "website"),
}

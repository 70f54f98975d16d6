from django.apps import AppConfig


class AutopackConfig(AppConfig):
    name = "autopack"
    verbose_name = "Projects and keys"

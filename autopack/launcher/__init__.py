"""`make run`: database, web and worker as one, from the first start on an empty machine to Ctrl-C.

listening     the socket, taken before anything else, so that a port in use is the first thing to be said
preparation   migrations, projects, the first admin (in a child, `manage.py prepare`)
children      processes that are restarted when they die and do not outlive the launcher
tether        the child's end of that
web           the child that serves
garbage       how seldom it looks for garbage
launcher      the order of it all
"""

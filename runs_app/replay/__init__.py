"""`manage.py replay`: the main job on real input, without a model.

The last commits of any local repository become the phases of a run, and their diffs the patches of a builder
that speaks HTTP like every other one. What comes out must equal upstream, byte for byte.

    upstream      reading the history that is played, and looking at what came out
    checkout      what belongs to the user, hashed before and after
    mirror        a copy to play in, for those who want their repository left alone altogether
    plan          the request that starts the run
    stage         the project and the key of a replay
    server        the server to talk to, started for the duration if none answers
    client        HTTP with retries that survive restarts of the server
    player        the builders at work
    findings      what the API and git say afterwards
    report        what a person sees
"""
